/**
 * Cursors: the next offset of each partition that a channel is made of, in base 36 with dots between.
 * Opaque to clients; any gateway can read another's.
 */
import type { Cursor } from '@quaywatch/contracts';

export function encodeCursor(positions: ArrayLike<number>): Cursor {
  return Array.from(positions, (position) => position.toString(36)).join('.');
}

/** @returns the positions, or undefined when the text is not a cursor of `length` partitions. */
export function decodeCursor(cursor: Cursor, length: number): Float64Array | undefined {
  const parts = cursor.split('.');
  if (parts.length !== length || parts.some((part) => !/^[0-9a-z]{1,10}$/.test(part))) return undefined;
  return Float64Array.from(parts, (part) => Number.parseInt(part, 36));
}
