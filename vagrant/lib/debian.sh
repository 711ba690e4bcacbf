# Functions for Debian packages of any suite and architecture. They do not change the state of the
# machine's apt: their state is under $cache/apt, and their files are under $cache. A script sets $cache
# and then reads this file with `.`.
#
#   need TOOL PACKAGE…                     installs the packages of missing tools, as root
#   debian_apt SUITE ARCH ARGUMENT…        runs apt-get with the separate state
#   debian_update SUITE ARCH               reads the package lists, once
#   debian_suite ARCH SUITE                prints SUITE, or the suite that contains ARCH
#   debian_unpack SUITE ARCH DIR PACKAGE…  downloads packages and unpacks them into DIR, once

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# TOOL is a program, or a file if it contains a slash.
need() {
    local missing=()
    while [ $# -gt 0 ]; do
        { [[ $1 = */* ]] && [ -e "$1" ]; } || command -v "$1" >/dev/null || missing+=("$2")
        shift 2
    done
    [ ${#missing[@]} -eq 0 ] && return
    [ "$(id -u)" = 0 ] || die "needs root once, to install ${missing[*]}; or: apt-get install ${missing[*]}"
    say "installs ${missing[*]}"
    { apt-get update -q &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
    } >&2
}

# Prints the mirror that the machine's apt uses for its release, or for the part $1 (security) of it.
mirror() {
    local release uri
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    uri=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$release${1:+-$1}" '$1 == release { print $2; exit }')
    if [ -z "$uri" ] && [ $# = 1 ]; then
        uri=$(mirror)
        uri=${uri%/}-$1
    fi
    [ -n "$uri" ] || die "apt's sources name no mirror for $release: is this Debian?"
    echo "$uri"
}

debian_apt() {
    local suite=$1 arch=$2 tool=apt-get state uri
    shift 2
    state=$cache/apt/$suite-$arch
    case $1 in depends | show) tool=apt-cache ;; esac
    if [ ! -e "$state/sources.list" ]; then
        mkdir -p "$state"/{lists/partial,archives/partial,nothing}
        : >"$state/status"
        case $suite in *-security) uri=$(mirror security) ;; *) uri=$(mirror) ;; esac
        echo "deb [arch=$arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" \
            >"$state/new"
        mv "$state/new" "$state/sources.list"
    fi
    # The lists of an old suite have a valid signature, but their date has passed.
    "$tool" -q -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o Dir::Cache::archives=archives \
        -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts="$state/nothing" \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$state/nothing" \
        -o APT::Architecture="$arch" -o APT::Architectures::="$arch" -o APT::Sandbox::User= \
        -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# Reads the package lists once. To read them again, delete $cache/apt.
debian_update() {
    local updated=$cache/apt/$1-$2/updated
    [ -e "$updated" ] || { debian_apt "$1" "$2" update -o APT::Update::Error-Mode=any >&2 && touch "$updated"; }
}

# riscv64 is new in trixie. If the mirror's lists of trixie are inconsistent, the suite is sid.
debian_suite() {
    [ "$1" = riscv64 ] || { echo "$2"; return; }
    debian_update trixie riscv64 && echo trixie || echo sid
}

debian_unpack() {
    local suite=$1 arch=$2 dir=$3 new
    shift 3
    [ -e "$dir" ] && return
    debian_update "$suite" "$arch"
    new=$dir.new
    rm -rf "$new"
    mkdir -p "$new/.packages"
    (cd "$new/.packages" && debian_apt "$suite" "$arch" download "$@" >&2)
    for package in "$new"/.packages/*.deb; do
        dpkg -x "$package" "$new"
    done
    rm -r "$new/.packages"
    mv "$new" "$dir"
}
