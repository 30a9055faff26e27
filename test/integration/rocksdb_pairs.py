"""The keys and values of a RocksDB that is not open, by the C functions of its own library.

Values grow by appends, as the label index writes them: the merge operator here puts operands behind what is there.
"""
import ctypes
import ctypes.util

SIZE, POINTER, TEXT = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p
FULL_MERGE = ctypes.CFUNCTYPE(POINTER, POINTER, POINTER, SIZE, POINTER, SIZE, ctypes.POINTER(POINTER), ctypes.POINTER(SIZE),
                              ctypes.c_int, ctypes.POINTER(ctypes.c_ubyte), ctypes.POINTER(SIZE))
PARTIAL_MERGE = ctypes.CFUNCTYPE(POINTER, POINTER, POINTER, SIZE, ctypes.POINTER(POINTER), ctypes.POINTER(SIZE), ctypes.c_int,
                                 ctypes.POINTER(ctypes.c_ubyte), ctypes.POINTER(SIZE))
DESTROY = ctypes.CFUNCTYPE(None, POINTER)
NAME = ctypes.CFUNCTYPE(POINTER, POINTER)

C = ctypes.CDLL(None)
C.malloc.restype, C.malloc.argtypes = POINTER, [SIZE]
OPERATOR_NAME = ctypes.create_string_buffer(b"append")


def joined(parts, success, size):
    data = b"".join(parts)
    out = C.malloc(max(len(data), 1))
    ctypes.memmove(out, data, len(data))
    success[0], size[0] = 1, len(data)
    return out


def operands(list_, sizes, count):
    return [ctypes.string_at(list_[i], sizes[i]) for i in range(count)]


@FULL_MERGE
def full_merge(_state, _key, _key_size, existing, existing_size, list_, sizes, count, success, size):
    first = ctypes.string_at(existing, existing_size) if existing else b""
    return joined([first] + operands(list_, sizes, count), success, size)


@PARTIAL_MERGE
def partial_merge(_state, _key, _key_size, list_, sizes, count, success, size):
    return joined(operands(list_, sizes, count), success, size)


@DESTROY
def nothing_to_destroy(_state):
    pass


@NAME
def operator_name(_state):
    return ctypes.addressof(OPERATOR_NAME)


def library():
    rocksdb = ctypes.CDLL(ctypes.util.find_library("rocksdb") or "librocksdb.so")
    for name in ("options_create", "mergeoperator_create", "open_for_read_only", "readoptions_create", "create_iterator",
                 "iter_key", "iter_value"):
        getattr(rocksdb, "rocksdb_" + name).restype = POINTER
    rocksdb.rocksdb_iter_valid.restype = ctypes.c_ubyte
    return rocksdb


def read_pairs(folder):
    """All [(key, value), ...] in the order of keys."""
    db = library()
    operator = db.rocksdb_mergeoperator_create(None, nothing_to_destroy, full_merge, partial_merge, None, operator_name)
    options = POINTER(db.rocksdb_options_create())
    db.rocksdb_options_set_merge_operator(options, POINTER(operator))
    error = TEXT()
    handle = POINTER(db.rocksdb_open_for_read_only(options, TEXT(folder.encode()), ctypes.c_ubyte(0), ctypes.byref(error)))
    assert not error.value, error.value
    iterator = POINTER(db.rocksdb_create_iterator(handle, POINTER(db.rocksdb_readoptions_create())))
    pairs = []
    db.rocksdb_iter_seek_to_first(iterator)
    while db.rocksdb_iter_valid(iterator):
        size = SIZE()
        key = ctypes.string_at(db.rocksdb_iter_key(iterator, ctypes.byref(size)), size.value)
        value = ctypes.string_at(db.rocksdb_iter_value(iterator, ctypes.byref(size)), size.value)
        pairs.append((key, value))
        db.rocksdb_iter_next(iterator)
    db.rocksdb_iter_destroy(iterator)
    db.rocksdb_close(handle)
    return pairs
