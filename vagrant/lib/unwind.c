/* gcc's unwinder (libgcc_eh.a, built for glibc) calls _dl_find_object, which musl does not have. This file
 * implements it with dl_iterate_phdr for a static program. Only the tests need the unwinder: they catch
 * panics. The struct is that of glibc's <dlfcn.h>. */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <string.h>

#ifdef __arm__
#define TABLE 0x70000001 /* PT_ARM_EXIDX */
#else
#define TABLE PT_GNU_EH_FRAME
#endif

struct dl_find_object {
    unsigned long long flags;
    void *map_start, *map_end, *link_map, *eh_frame;
#ifdef __arm__
    int eh_count;
    unsigned pad;
#endif
    unsigned long long reserved[7];
};

struct search {
    unsigned long pc;
    struct dl_find_object *result;
};

static int find(struct dl_phdr_info *object, size_t size, void *data)
{
    struct search *search = data;
    const ElfW(Phdr) *code = 0, *table = 0;

    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        unsigned long offset = search->pc - object->dlpi_addr - part->p_vaddr;

        if (part->p_type == PT_LOAD && offset < part->p_memsz)
            code = part;
        if (part->p_type == TABLE)
            table = part;
    }
    if (!code || !table)
        return 0;
    memset(search->result, 0, sizeof *search->result);
    search->result->map_start = (void *)(object->dlpi_addr + code->p_vaddr);
    search->result->map_end = (char *)search->result->map_start + code->p_memsz;
    search->result->eh_frame = (void *)(object->dlpi_addr + table->p_vaddr);
#ifdef __arm__
    search->result->eh_count = table->p_memsz / 8;
#endif
    return 1;
}

int _dl_find_object(void *pc, struct dl_find_object *result)
{
    struct search search = { (unsigned long)pc, result };

    return dl_iterate_phdr(find, &search) ? 0 : -1;
}

/* The unwinder has weak references to these functions. The linker adds the functions to the program only
 * because this table refers to them. */
__attribute__((used)) static void *const keep[] = {
    (void *)pthread_once, (void *)pthread_mutex_lock, (void *)pthread_mutex_unlock,
    (void *)pthread_key_create, (void *)pthread_getspecific, (void *)pthread_setspecific,
};
