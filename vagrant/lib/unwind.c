/* What gcc's unwinder (libgcc_eh.a, made for glibc) asks of the C library and musl has not:
 * glibc's _dl_find_object, here from dl_iterate_phdr. For a static program, in which the unwinder
 * is only wanted by tests, whose panics are caught. The struct is glibc's, of <dlfcn.h>. */
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

struct question {
    unsigned long pc;
    struct dl_find_object *answer;
};

static int look(struct dl_phdr_info *object, size_t size, void *data)
{
    struct question *question = data;
    const ElfW(Phdr) *code = 0, *table = 0;

    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        unsigned long offset = question->pc - object->dlpi_addr - part->p_vaddr;

        if (part->p_type == PT_LOAD && offset < part->p_memsz)
            code = part;
        if (part->p_type == TABLE)
            table = part;
    }
    if (!code || !table)
        return 0;
    memset(question->answer, 0, sizeof *question->answer);
    question->answer->map_start = (void *)(object->dlpi_addr + code->p_vaddr);
    question->answer->map_end = (char *)question->answer->map_start + code->p_memsz;
    question->answer->eh_frame = (void *)(object->dlpi_addr + table->p_vaddr);
#ifdef __arm__
    question->answer->eh_count = table->p_memsz / 8;
#endif
    return 1;
}

int _dl_find_object(void *pc, struct dl_find_object *answer)
{
    struct question question = { (unsigned long)pc, answer };

    return dl_iterate_phdr(look, &question) ? 0 : -1;
}

/* The unwinder only refers to these weakly, and would call nothing where nobody else wants them. */
__attribute__((used)) static void *const wanted[] = {
    (void *)pthread_once, (void *)pthread_mutex_lock, (void *)pthread_mutex_unlock,
    (void *)pthread_key_create, (void *)pthread_getspecific, (void *)pthread_setspecific,
};
