/**
 * What disturbs the simulated feeds, per terminal and moment: factors on the volume, silence, double sending.
 * It knows neither where the events came from nor how a feed behaves under them.
 */
import { PORTS, type ScenarioEvent, TERMINALS } from '@quaywatch/contracts';

type Stretch = {
  readonly fromS: number;
  readonly toS: number;
  readonly kind: ScenarioEvent['kind'];
  readonly factor: number;
};

export type Disturbances = {
  /** Whether any volume factor other than 1 may hold in [fromS, toS), UTC seconds. */
  readonly isDisturbed: (terminal: number, fromS: number, toS: number) => boolean;
  /** Factor on the volume at a moment, UTC seconds; 1 = undisturbed. */
  readonly factorAt: (terminal: number, timeS: number) => number;
  /** The silence that holds at an arrival time, UTC ms. */
  readonly silenceAt: (
    terminal: number,
    timeMs: number,
  ) => { readonly fromMs: number; readonly toMs: number } | undefined;
  /** Whether every report of the slot is sent twice under different ids. */
  readonly isDoubled: (terminal: number, timeS: number) => boolean;
};

const VOLUME_KINDS: ReadonlySet<ScenarioEvent['kind']> = new Set([
  'closure',
  'rebound',
  'stall',
  'surge',
  'drop',
  'drift',
]);

/** Terminal indexes that an event means: the listed ones, or all of its port. */
function terminalsOfEvent(event: ScenarioEvent): readonly number[] {
  const port = PORTS.find((candidate) => candidate.code === event.port);
  return TERMINALS.filter((terminal) =>
    event.terminals.length === 0 ? terminal.portIndex === port?.index : event.terminals.includes(terminal.code),
  ).map((terminal) => terminal.index);
}

function defaultFactor(kind: ScenarioEvent['kind']): number {
  return kind === 'closure' || kind === 'stall' ? 0 : 1;
}

export function createDisturbances(events: readonly ScenarioEvent[]): Disturbances {
  const byTerminal: Stretch[][] = TERMINALS.map(() => []);
  for (const event of events) {
    const stretch = {
      fromS: Math.floor(event.from_ms / 1000),
      toS: Math.floor(event.to_ms / 1000),
      kind: event.kind,
      factor: event.factor ?? defaultFactor(event.kind),
    };
    for (const terminal of terminalsOfEvent(event)) byTerminal[terminal]?.push(stretch);
  }
  const volume = byTerminal.map((all) => all.filter((one) => VOLUME_KINDS.has(one.kind)));
  const silent = byTerminal.map((all) => all.filter((one) => one.kind === 'silent_feed'));
  const doubled = byTerminal.map((all) => all.filter((one) => one.kind === 'double_counting'));
  return {
    isDisturbed: (terminal, fromS, toS) => volume[terminal]?.some((one) => one.fromS < toS && one.toS > fromS) === true,
    factorAt: (terminal, timeS) => {
      let factor = 1;
      for (const one of volume[terminal] ?? []) {
        if (timeS < one.fromS || timeS >= one.toS) continue;
        // A drift grows in a straight line; everything else is a step.
        const reached = one.kind === 'drift' ? (timeS - one.fromS) / (one.toS - one.fromS) : 1;
        factor *= 1 + (one.factor - 1) * reached;
      }
      return factor;
    },
    silenceAt: (terminal, timeMs) => {
      const found = silent[terminal]?.find((one) => one.fromS * 1000 <= timeMs && timeMs < one.toS * 1000);
      return found === undefined ? undefined : { fromMs: found.fromS * 1000, toMs: found.toS * 1000 };
    },
    isDoubled: (terminal, timeS) => doubled[terminal]?.some((one) => one.fromS <= timeS && timeS < one.toS) === true,
  };
}
