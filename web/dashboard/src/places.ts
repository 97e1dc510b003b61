/** Names of ports and terminals in the reader's language, out of the contract's table. */
import { type ClusterGroup, PORTS, type Port, TERMINALS, type Terminal, terminalOf } from '@quaywatch/contracts';
import type { Language } from './format.ts';

const PORT_BY_CODE: ReadonlyMap<string, Port> = new Map(PORTS.map((port) => [port.code, port]));

export const CLUSTERS: readonly ClusterGroup[] = ['yangtze', 'pearl', 'bohai', 'south_coast'];

export function portByCode(code: string): Port | undefined {
  return PORT_BY_CODE.get(code);
}

/** Shanghai; 上海 (the 港 of the full name is said by the column). A code that is not known stands for itself. */
export function portName(code: string, language: Language): string {
  const port = PORT_BY_CODE.get(code);
  if (port === undefined) return code;
  return language === 'zh' ? port.nameZh.replace(/港$/, '') : port.nameEn;
}

export function terminalName(code: string): string {
  return terminalOf(code)?.nameEn ?? code;
}

/** The SMDG part of a terminal's code: BLGAN. */
export function terminalShort(code: string): string {
  return code.slice(code.indexOf(':') + 1);
}

export function terminalsOfPort(code: string): readonly Terminal[] {
  const index = PORT_BY_CODE.get(code)?.index;
  return TERMINALS.filter((terminal) => terminal.portIndex === index);
}
