/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * File objects: a small number for each file that something was mapped from, by device and inode, with its name.
 * Number 0 means "no file, or unknown".
 */
#ifndef HAKMEM_BPF_OBJECT_H
#define HAKMEM_BPF_OBJECT_H

#include "account.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, MAP_ON_DEMAND);
	__uint(max_entries, OBJECTS_MOST);
	__type(key, struct object_key);
	__type(value, struct object);
} objects SEC(".maps");

/* Numbers of those that are a C library, and which: others ask for memory through it. */
#define LIBC_GLIBC 1
#define LIBC_MUSL  2
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} libcs SEC(".maps");

__u32 next_object = 0;

/*
 * By number: files in memory (tmpfs, memfd, System V shared memory). A page that one gets in a fault is cleared by the
 * file system, whatever the allocator does (shmem_get_folio_gfp() in mm/shmem.c).
 */
__u64 objects_in_memory[OBJECTS_MOST / 64];

/*
 * Files of hugetlbfs; and what has been mapped with huge pages of the pool since counting began: such files, and the
 * objects whose code asked for it (MAP_HUGETLB). Not all rungs see these pages cleared.
 */
__u64 objects_on_hugetlbfs[OBJECTS_MOST / 64];
__u64 objects_hugetlb[OBJECTS_MOST / 64];

/* include/uapi/linux/magic.h */
#define TMPFS_MAGIC     0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

static __always_inline void object_mark(__u64 *marks, __u32 object)
{
	set_bits(&marks[object / 64 & (OBJECTS_MOST / 64 - 1)], 1ULL << (object & 63));
}

static __always_inline bool object_is_marked(const __u64 *marks, __u32 object)
{
	return marks[object / 64 & (OBJECTS_MOST / 64 - 1)] >> (object & 63) & 1;
}

static __always_inline void note_file_system(struct inode *inode, __u32 object)
{
	__u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);

	if (magic == TMPFS_MAGIC)
		object_mark(objects_in_memory, object);
	else if (magic == HUGETLBFS_MAGIC)
		object_mark(objects_on_hugetlbfs, object);
}

static __always_inline bool is_libc(__u32 object)
{
	return bpf_map_lookup_elem(&libcs, &object);
}

static __always_inline bool is_musl(__u32 object)
{
	__u32 *which = bpf_map_lookup_elem(&libcs, &object);

	return which && *which == LIBC_MUSL;
}

/*
 * glibc's libc.so.6, or libc-2.31.so as it was called up to 2.33; musl's libc.so or ld-musl-ARCH.so.1, which is the
 * dynamic loader at the same time. glibc's loader is none.
 */
static __always_inline void note_libc(const struct object *object)
{
	const char *name = object->name;
	bool libc =
	    name[0] == 'l' && name[1] == 'i' && name[2] == 'b' && name[3] == 'c' && (name[4] == '.' || name[4] == '-');
	bool musl = name[0] == 'l' && name[1] == 'd' && name[2] == '-' && name[3] == 'm';
	__u32 which = LIBC_GLIBC;

	if (musl || (libc && name[5] == 's' && name[6] == 'o' && !name[7]))
		which = LIBC_MUSL;
	if (libc || musl)
		bpf_map_update_elem(&libcs, &object->number, &which, BPF_ANY);
}

/* By object number. The loader asks what kind of a library each is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, MAP_ON_DEMAND);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct object_path);
} object_paths SEC(".maps");

static const struct object_path path_zero;

struct path_walk {
	struct dentry *dentry;
	struct mount *mount;
	struct object_path *path;
};

/* One step up. */
REPEATED long path_part(__u32 index, void *context)
{
	struct path_walk *walk = context;
	struct object_path *path = walk->path;
	struct dentry *dentry = walk->dentry;
	struct mount *mount = walk->mount;
	__u64 count = path->count; /* in the map: the verifier would walk the rest once for each value that it knew */

	if (!dentry || count >= OBJECT_PATH_PARTS)
		return 1;
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		walk->mount = BPF_CORE_READ(mount, mnt_parent);
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		return walk->mount == mount;
	}
	bpf_probe_read_kernel_str(path->part[count], OBJECT_PATH_PART, BPF_CORE_READ(dentry, d_name.name));
	path->count = count + 1;
	walk->dentry = BPF_CORE_READ(dentry, d_parent);
	return 0;
}

/* Up to the root of the mount that has no parent: as the whole machine sees it, not a container. */
__noinline int object_note_path(__u64 file_pointer, __u32 number, __u64 inode)
{
	struct file *file = (struct file *)file_pointer;
	struct path_walk walk = {
	    .dentry = BPF_CORE_READ(file, f_path.dentry),
	    .mount = container_of(BPF_CORE_READ(file, f_path.mnt), struct mount, mnt),
	};

	bpf_map_update_elem(&object_paths, &number, &path_zero, BPF_NOEXIST);
	walk.path = bpf_map_lookup_elem(&object_paths, &number);
	if (!walk.path)
		return 0;
	walk.path->inode = inode;
	repeat(OBJECT_PATH_PARTS + 4, OBJECT_PATH_PARTS + 4, path_part, &walk);
	return 0;
}

/*
 * A memfd is known by its name, for programs make thousands of one name: a hash of it in place of the inode. 0: the
 * file is none.
 */
static __always_inline __u64 memfd_identity(const struct object *object)
{
	__u64 words[sizeof(object->name) / 8], hash = 0xcbf29ce484222325UL; /* FNV-1a, by words */

	__builtin_memcpy(words, object->name, sizeof(words));
	if ((words[0] & 0xffffffffffffUL) != 0x3a64666d656dUL) /* "memfd:" */
		return 0;
	for (unsigned int i = 0; i < sizeof(object->name) / 8; i++)
		hash = (hash ^ words[i]) * 0x100000001b3UL;
	return hash;
}

/* The file may be gone (a raw pointer from a VMA that was looked up): everything is read with probes. */
__noinline __u32 object_of_file(__u64 file_pointer)
{
	struct file *file = (struct file *)file_pointer;
	struct object_key key = {};
	struct object made = {}, *object;
	const unsigned char *name;
	struct inode *inode;
	__u64 memfd;

	if (!file)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if (!inode)
		return 0;
	key.inode = BPF_CORE_READ(inode, i_ino);
	key.device = BPF_CORE_READ(inode, i_sb, s_dev);
	object = bpf_map_lookup_elem(&objects, &key);
	if (object)
		return object->number;
	name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	bpf_probe_read_kernel_str(made.name, sizeof(made.name), name);
	memfd = memfd_identity(&made);
	if (memfd) {
		key.inode = memfd;
		object = bpf_map_lookup_elem(&objects, &key);
		if (object)
			return object->number;
	}
	if (next_object >= OBJECTS_MOST) {
		lose(LOSS_OBJECT);
		return 0;
	}
	made.number = fetch_add(&next_object, 1) + 1;
	bpf_map_update_elem(&objects, &key, &made, BPF_NOEXIST);
	note_libc(&made);
	note_file_system(inode, made.number);
	if (!memfd)
		object_note_path(file_pointer, made.number, key.inode);
	object = bpf_map_lookup_elem(&objects, &key);
	if (!object) {
		lose(LOSS_OBJECT);
		return 0;
	}
	return object->number;
}

/* What stands for the unknown caller of a mapping that was there before its process was attached to. No file has its
 * key. */
__noinline __u32 object_before_attach(void)
{
	struct object_key key = {};
	struct object *object = bpf_map_lookup_elem(&objects, &key);
	struct object made = {.name = BEFORE_ATTACH};

	if (object)
		return object->number;
	made.number = fetch_add(&next_object, 1) + 1;
	bpf_map_update_elem(&objects, &key, &made, BPF_NOEXIST);
	object = bpf_map_lookup_elem(&objects, &key);
	return object ? object->number : 0;
}

/* The file behind a descriptor of the current task. */
__noinline __u32 object_of_descriptor(__u32 descriptor)
{
	struct task_struct *task = current_task();
	struct file **table = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;

	if (!table || descriptor >= BPF_CORE_READ(task, files, fdt, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), table + descriptor);
	return object_of_file((__u64)file);
}

#endif
