import { describe, expect, test } from 'vitest';
import { decodePortLine } from './detect-ports.ts';

describe('a line of ports', () => {
  test.each([
    ['2025-01-01T00:00Z,SGSIN,12.5,7,9', { kind: 'row', port: 'SGSIN', row: { teu: 12.5, moves: 7, messages: 9 } }],
    ['2025-01-01T00:00Z,SGSIN,0,0,0', { kind: 'row', port: 'SGSIN', row: { teu: 0, moves: 0, messages: 0 } }],
    ['TICK,2025-01-01T00:00Z', { kind: 'tick', timeMs: Date.UTC(2025, 0, 1) }],
    ['TICK,soon', { kind: 'bad_tick' }],
    ['TICK', { kind: 'bad_tick' }],
    ['ts,port,teu,moves,msgs', { kind: 'bad_row' }],
    ['2025-01-01T00:00Z,SGSIN,,7,9', { kind: 'bad_row' }],
    ['2025-01-01T00:00Z,SGSIN,12.5,7', { kind: 'bad_row' }],
    ['2025-01-01T00:00Z,,12.5,7,9', { kind: 'bad_row' }],
    ['', { kind: 'bad_row' }],
  ])('%j', (line, decoded) => {
    expect(decodePortLine(line)).toEqual(decoded);
  });
});
