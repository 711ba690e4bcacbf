# Debian's packages of any suite and architecture, without touching the machine's own apt: private
# state under $cache/apt, downloads unpacked under $cache. To be sourced; wants $cache to be set.
#
#   need TOOL PACKAGE…                     installs Debian packages where a tool is missing (root)
#   debian_apt SUITE ARCH apt-get-words…   apt-get with that private state
#   debian_update SUITE ARCH               reads what there is, once
#   debian_suite ARCH SUITE                SUITE, or the one that ARCH is in
#   debian_unpack SUITE ARCH DIR PACKAGE…  downloads packages and unpacks them into DIR, once

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# TOOL is a program or, with a slash in it, a file.
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

# The mirror that this machine's own apt uses for its release, or for that release's $1 (security).
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
    # Old suites' signatures are good, but their dates have passed.
    "$tool" -q -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o Dir::Cache::archives=archives \
        -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts="$state/nothing" \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$state/nothing" \
        -o APT::Architecture="$arch" -o APT::Architectures::="$arch" -o APT::Sandbox::User= \
        -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# Once; deleting $cache/apt lets it happen again.
debian_update() {
    local updated=$cache/apt/$1-$2/updated
    [ -e "$updated" ] || { debian_apt "$1" "$2" update -o APT::Update::Error-Mode=any >&2 && touch "$updated"; }
}

# riscv64 came with trixie. Where a mirror's copy of that is out of step with its own index, sid's.
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
