/** The measures one under another, as the nation or one port stands, and those that have no figure yet with the sentence why. */
import type { HandlingMix } from '@quaywatch/contracts';
import { NO_DATA, share, signedPercent } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { deltaClass } from '../deviation.ts';
import { go } from '../route.ts';
import { words } from '../settings.ts';
import { ShareSpark } from './share-chart.tsx';
import { PROGRAMME, PROGRAMME_KEYS, type ProgrammeKey, type Standing } from './shares.ts';
import { hrefOfLooked, type Looked } from './state.ts';
import { measureWords } from './words.ts';

/** A change of half a point is nothing to look at, and neither is any change of a handful of boxes. */
const plainPoints = 0.5;
const teuMin = 60;
/** Points as a class of colour: plain while they are few. */
export function pointsClass(points: number | null, teu: number | null): string {
  return points === null || Math.abs(points) < plainPoints || (teu ?? 0) < teuMin
    ? 'mid'
    : deltaClass(Math.sign(points) * 100);
}

type Props = {
  readonly looked: Looked;
  readonly standings: ReadonlyMap<ProgrammeKey, Standing>;
  readonly stepMs: number;
  readonly shifts: ReadonlyMap<ProgrammeKey, number>;
};

function Entry({
  name,
  looked,
  standing,
  mix,
  stepMs,
  shifts,
}: Pick<Props, 'looked' | 'stepMs'> & {
  mix: HandlingMix | null;
  name: ProgrammeKey;
  standing: Standing | undefined;
  shifts: number;
}) {
  const w = measureWords.value;
  const programme = PROGRAMME[name];
  const isOn = looked.measure === name;
  const isPart = 'isPart' in programme;
  const change = standing?.change ?? null;
  return (
    <a
      href={hrefOfLooked(looked, { measure: name })}
      class={['me', ...(isOn ? ['on'] : []), ...(isPart ? ['part'] : [])].join(' ')}
      aria-current={isOn ? 'true' : undefined}
      data-measure={name}
    >
      <span class="me-name">
        <b>{w.names[name]}</b> <span class="pc">{w.otherTerm[name]}</span>
        {shifts > 0 && <span class="me-shift">▲ {w.shift(shifts)}</span>}
      </span>
      <span class="me-fig num">{share(standing?.share ?? null)}</span>
      <ShareSpark samples={standing?.samples ?? []} stepMs={stepMs} level={standing?.level ?? null} />
      <span class="me-note">
        {standing?.ownShare !== undefined && standing.ownShare !== null && programme.own !== 'all'
          ? w.shareOfOwn(share(standing.ownShare), w.ofOwn[programme.own])
          : mix === null
            ? ''
            : `${w.today.replace(/[,，]\s*%$/, '')}${words.value.colon}${share(mix[name])}`}
      </span>
      <span class={`me-chg num ${pointsClass(change, standing?.teu ?? null)}`}>
        {change === null
          ? NO_DATA
          : `${Math.abs(change) < plainPoints ? '' : change > 0 ? '▲ ' : '▼ '}${signedPercent(change)}`}
      </span>
    </a>
  );
}

function NotYet() {
  const w = measureWords.value;
  const rows = [
    [w.transfer, w.transferTerm, w.transferWhy],
    [w.dwell, w.dwellTerm, w.dwellWhy],
    [w.lag, w.lagTerm, w.lagWhy],
  ] as const;
  return (
    <section class="not-yet" aria-label={w.notYet}>
      <h2 class="h">{w.notYet}</h2>
      <dl>
        {rows.map(([name, term, why]) => (
          <div key={name}>
            <dt>
              <b>{name}</b> <span class="hx dash">—</span>
            </dt>
            <dd class="lab">{term}</dd>
            <dd>{why}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Today's shares, open windows included: only live has a today. */
function useToday(looked: Looked): HandlingMix | null {
  const { live } = usePage();
  if (looked.run !== 'live') return null;
  return (looked.port === '' ? live.nation.value : live.port(looked.port).value)?.mix ?? null;
}

export function MeasureList({ looked, standings, stepMs, shifts }: Props) {
  const mix = useToday(looked);
  const w = measureWords.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = PROGRAMME_KEYS[PROGRAMME_KEYS.indexOf(looked.measure) + by];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    location.hash = hrefOfLooked(looked, { measure: next });
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-measure="${next}"]`)?.focus());
  };
  return (
    <aside class="panel me-list">
      <div class="ph">
        <h2 class="h">{w.measure}</h2>
        <span class="lab">{w.lastDay}</span>
        <div class="sp" />
        {looked.port !== '' && (
          <button type="button" class="tb" onClick={() => go('measures', looked.measure)}>
            {w.showNation}
          </button>
        )}
      </div>
      <div class="scroll">
        <nav aria-label={w.title} onKeyDown={onKeyDown}>
          {PROGRAMME_KEYS.map((name) => (
            <Entry
              key={name}
              name={name}
              looked={looked}
              standing={standings.get(name)}
              mix={mix}
              stepMs={stepMs}
              shifts={shifts.get(name) ?? 0}
            />
          ))}
        </nav>
        <NotYet />
      </div>
    </aside>
  );
}
