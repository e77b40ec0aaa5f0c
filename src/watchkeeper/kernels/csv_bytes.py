"""Wide loads from a byte array, for kernels only: 64 bytes compared at once, 8 bytes as one number.

The array must be readable ``PADDING`` bytes beyond the last position asked for.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from watchkeeper.kernels.compiled import kernel

PADDING: Final = 64
_WORD: Final = ir.IntType(64)
_BLOCK: Final = ir.VectorType(ir.IntType(8), 64)

Emit = Callable[[Any, Any, Any, Any], Any]
_declared: Callable[[Any, Any, str], Any] = cgutils.get_or_insert_function


def _load(context: Any, builder: Any, signature: Any, args: Any, kind: Any) -> Any:
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.load(builder.bitcast(builder.gep(data, [args[1]]), kind.as_pointer()), align=1)


def _matches(_: Any, data: Any, at: Any, byte: Any) -> tuple[Any, Emit]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block = _load(context, builder, signature, args, _BLOCK)
        lane = ir.Constant(ir.IntType(32), 0)
        one = builder.insert_element(ir.Constant(_BLOCK, ir.Undefined), args[2], lane)
        wanted = builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), 64), None))
        return builder.bitcast(builder.icmp_unsigned("==", block, wanted), _WORD)

    return types.uint64(data, types.int64, types.uint8), emit


def _word(_: Any, data: Any, at: Any) -> tuple[Any, Emit]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _load(context, builder, signature, args, _WORD)

    return types.uint64(data, types.int64), emit


def _lowest_bit(_: Any, bits: Any) -> tuple[Any, Emit]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), emit


def _bit_count(_: Any, bits: Any) -> tuple[Any, Emit]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), emit


def _fetch(_: Any, data: Any, at: Any) -> tuple[Any, Emit]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(array, [args[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        prefetch = _declared(builder.module, shape, "llvm.prefetch.p0")
        builder.call(prefetch, [place, number(0), number(3), number(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(data, types.uint64), emit


matches = cast(Callable[[Any, int, int], Any], intrinsic(_matches))
"""``matches(data, at, byte)``: bit i is set where ``data[at + i] == byte``, for 64 bytes."""
word_at = cast(Callable[[Any, int], Any], intrinsic(_word))
"""``word_at(data, at)``: eight bytes as a little-endian ``uint64``."""
lowest_bit = cast(Callable[[Any], int], intrinsic(_lowest_bit))
"""``lowest_bit(bits)``: the position of the lowest set bit; 64 where none is."""
bit_count = cast(Callable[[Any], int], intrinsic(_bit_count))
"""``bit_count(bits)``: how many bits are set."""

fetch_ahead = cast(Callable[[Any, Any], None], intrinsic(_fetch))
"""``fetch_ahead(table, at)``: bring ``table[at]`` into the cache without waiting for it."""


@kernel
def hash_bytes(data: Any, begin: int, end: int, folded: Any, seed: Any) -> Any:
    """A 64-bit hash of ``data[begin:end]``, each word or-ed with ``folded`` first (0x2020... folds letter
    case).

    Multiply and shift in the manner of MurmurHash2 (A. Appleby) with the finalizer of splitmix64
    (S. Vigna); not against an adversary.
    """
    value = seed ^ (types.uint64(end - begin) * types.uint64(0x9E3779B97F4A7C15))
    other = ~value
    at = begin
    while at + 16 <= end:  # two chains of multiplications at once
        value = (value ^ (word_at(data, at) | folded)) * types.uint64(0xC6A4A7935BD1E995)
        other = (other ^ (word_at(data, at + 8) | folded)) * types.uint64(0xC6A4A7935BD1E995)
        value ^= value >> types.uint64(29)
        other ^= other >> types.uint64(29)
        at += 16
    value ^= other * types.uint64(0x9FB21C651E98DF25)
    while at < end:
        word = word_at(data, at)
        left = end - at
        if left < 8:
            word &= (types.uint64(1) << types.uint64(8 * left)) - types.uint64(1)
        value = (value ^ (word | folded)) * types.uint64(0xC6A4A7935BD1E995)
        value ^= value >> types.uint64(29)
        at += 8
    value = (value ^ (value >> types.uint64(30))) * types.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> types.uint64(27))) * types.uint64(0x94D049BB133111EB)
    return value ^ (value >> types.uint64(31))


@kernel
def same_bytes(data: Any, begin: int, other: int, length: int) -> bool:
    """Whether two stretches of ``data`` hold the same bytes."""
    at = 0
    while at + 8 <= length:
        if word_at(data, begin + at) != word_at(data, other + at):
            return False
        at += 8
    rest = types.uint64(8 * (length - at))
    if rest == types.uint64(0):
        return True
    differing = word_at(data, begin + at) ^ word_at(data, other + at)
    return bool(differing << (types.uint64(64) - rest) == types.uint64(0))
