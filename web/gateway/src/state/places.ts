/**
 * Ports and terminals as indexes, the way the live state walks them.
 * Holds only what follows from the port table.
 */
import { PORTS, type Port, TERMINALS, type Terminal } from '@quaywatch/contracts';

/** Terminals of each port, by port index. */
export const TERMINALS_OF_PORT: readonly (readonly Terminal[])[] = PORTS.map((port) =>
  TERMINALS.filter((terminal) => terminal.portIndex === port.index),
);

export const PORT_BY_CANONICAL_CODE: ReadonlyMap<string, Port> = new Map(PORTS.map((port) => [port.code, port]));

const TERMINAL_BY_CANONICAL_CODE: ReadonlyMap<string, Terminal> = new Map(
  TERMINALS.map((terminal) => [terminal.code, terminal]),
);

/** Terminal of its canonical code; undefined = not ours. */
export function terminalByCode(code: string): Terminal | undefined {
  return TERMINAL_BY_CANONICAL_CODE.get(code);
}
