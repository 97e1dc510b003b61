import { PARTITION_COUNT, PARTITIONS, PORTS, portOf, TERMINALS, terminalOf } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { PORT_VOLUMES, TERMINAL_SHARES_PERMILLE } from './volumes.ts';

test('36 ports with volumes that add up to the reference', () => {
  expect(PORTS).toHaveLength(36);
  expect(PORT_VOLUMES.map((volume) => volume.code)).toEqual(PORTS.map((port) => port.code));
  expect(PORT_VOLUMES.reduce((sum, volume) => sum + volume.targetTeuH1Of2024, 0)).toBe(60_566_038);
  expect(PORT_VOLUMES.reduce((sum, volume) => sum + volume.targetTeuH1Of2025, 0)).toBe(67_410_000);
});

test('85 terminals, every port has one, their shares add up to 1000', () => {
  expect(TERMINALS).toHaveLength(85);
  for (const port of PORTS) {
    const own = TERMINALS.filter((terminal) => terminal.portIndex === port.index);
    const share = own.reduce((sum, terminal) => sum + (TERMINAL_SHARES_PERMILLE[terminal.index] ?? 0), 0);
    expect(share, port.code).toBe(1000);
    const indexes = own.map((terminal) => terminal.index);
    expect(indexes, port.code).toEqual(indexes.map((_, place) => (indexes[0] ?? 0) + place));
  }
});

test('Yangshan is 52 % of Shanghai', () => {
  const yangshan = TERMINALS.filter((terminal) => terminal.nameEn.startsWith('Yangshan'));
  expect(yangshan.reduce((sum, terminal) => sum + (TERMINAL_SHARES_PERMILLE[terminal.index] ?? 0), 0)).toBe(520);
});

test('a code means one port, and a terminal code belongs to the port of its LOCODE', () => {
  const codes = PORTS.flatMap((port) => [port.code, ...port.aliases]);
  expect(new Set(codes).size).toBe(codes.length);
  expect(new Set(TERMINALS.map((terminal) => terminal.code)).size).toBe(85);
  for (const terminal of TERMINALS) {
    expect(portOf(terminal.code.split(':')[0] ?? '')?.index, terminal.code).toBe(terminal.portIndex);
    expect(terminalOf(terminal.code), terminal.code).toBe(terminal);
  }
  expect(TERMINALS.filter((terminal) => terminal.isOurs)).toHaveLength(4);
});

test.each([
  ['CNSGH:SECT', 'CNSGH:SECT'],
  ['CNSHA:SECT', 'CNSGH:SECT'],
  ['CNSHG:SECT', 'CNSGH:SECT'],
  ['CNSZX:CCT', 'CNSHK:CCT'],
  ['CNYTN:CCT', undefined],
  ['CNTAC:CXCT', undefined],
  ['SECT', undefined],
])('%s is terminal %s', (code, expected) => {
  expect(terminalOf(code)?.code).toBe(expected);
});

test('partitions hold every port once, and none is empty or above a quarter', () => {
  expect(PARTITIONS).toHaveLength(PARTITION_COUNT);
  expect(PARTITIONS.flat().toSorted()).toEqual(PORTS.map((port) => port.code).toSorted());
  const teu = PARTITIONS.map(() => 0);
  for (const port of PORTS)
    teu[port.partition] = (teu[port.partition] ?? 0) + (PORT_VOLUMES[port.index]?.targetTeuH1Of2025 ?? 0);
  expect(Math.max(...teu)).toBeLessThanOrEqual(67_410_000 / 4);
  expect(Math.min(...teu)).toBeGreaterThan(67_410_000 / 50);
});
