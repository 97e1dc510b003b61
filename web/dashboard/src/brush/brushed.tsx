/** The interval that was brushed: how large its change is, which terminals and kinds of boxes make it, and whether it was the feed. */
import { useSignal } from '@preact/signals';
import {
  DAY_MS,
  deviationPercent,
  hourMinute,
  NO_DATA,
  share,
  shortDate,
  signedPercentUnit,
  signedWhole,
  terminalName,
  whole,
  zoneNameOver,
} from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import type { Span } from '../charts/chart-data.ts';
import { usePage } from '../context.tsx';
import { deltaClass } from '../deviation.ts';
import { FigureTable } from '../parts/figures.tsx';
import { failureOf } from '../parts/person-form.tsx';
import { language, words } from '../settings.ts';
import { api } from '../wire/api.ts';
import { askMeasures } from '../wire/measures.ts';
import { shownZone, zoneOfWindows } from '../zone.ts';
import {
  type Against,
  type Changes,
  changesOf,
  contributors,
  type FeedWindow,
  feedOf,
  PARTS,
  sidesOf,
  windowsOf,
} from './changes.ts';
import { brushWords } from './words.ts';

const barsMax = 6;
/** Less than this share of late moves is ordinary. */
const lateMax = 0.03;

type Found = {
  readonly key: string;
  readonly changes: Changes;
  readonly feed: readonly FeedWindow[];
  readonly span: Span;
  readonly sizeS: number;
};

/** What there is to say of a stretch, or why it cannot be said. */
export async function readBrushed(port: string, wanted: Span, nowMs: number, key: string): Promise<Found | string> {
  const { sizeS, span } = windowsOf(wanted, nowMs);
  const widthMs = span.toMs - span.fromMs;
  const asked = { port, size: sizeS, run: 'live' };
  const [rows, points] = await Promise.all([
    askMeasures({ ...asked, from: span.fromMs - widthMs, to: span.toMs, terminals: 'true' }),
    api.throughput({ ...asked, from: span.fromMs, to: span.toMs, terminals: 'true' }),
  ]);
  if (!rows.ok) return failureOf(rows);
  if (!points.ok) return failureOf(points);
  const now = rows.value.rows.filter((row) => row.start_ms >= span.fromMs);
  const before = rows.value.rows.filter((row) => row.start_ms < span.fromMs);
  const changes = changesOf(now, before, points.value.windows);
  return { key, changes, feed: feedOf(now), span, sizeS };
}

function timeOf(timeMs: number, isLong: boolean, zone: string): string {
  return isLong ? `${shortDate(timeMs, language.value, zone)} ${hourMinute(timeMs, zone)}` : hourMinute(timeMs, zone);
}

type SizeProps = { changes: Changes; against: Against; span: Span; zone: string };

function Size({ changes, against, span, zone }: SizeProps) {
  const w = brushWords.value;
  const base = against === 'expected' ? changes.expected : changes.before;
  if (base === null) return <p class="note">{w.noExpected}</p>;
  const bars = contributors(changes, against);
  const size = changes.now - base;
  const { leading, told, against: counter } = sidesOf(bars, size);
  const isLong = span.toMs - span.fromMs > DAY_MS / 2;
  const before = w.before(timeOf(2 * span.fromMs - span.toMs, isLong, zone), timeOf(span.fromMs, isLong, zone));
  return (
    <div>
      <div class="fig small">{signedWhole(size)} TEU</div>
      <p class="note">
        {w.size(signedPercentUnit(deviationPercent(changes.now, base)), against === 'expected' ? w.expected : before)}{' '}
        {Math.abs(size) >= 1 &&
          leading > 0 &&
          (counter === 0
            ? w.top(leading, share(Math.min(100, (told / size) * 100)))
            : w.sides(leading, signedWhole(told), signedWhole(counter)))}
      </p>
    </div>
  );
}

function Bars({ changes, against }: { changes: Changes; against: Against }) {
  const w = brushWords.value;
  const bars = contributors(changes, against);
  const rest = bars.slice(barsMax);
  const restTeu = rest.reduce((sum, bar) => sum + bar.teu, 0);
  const largest = Math.max(1, ...bars.map((bar) => Math.abs(bar.teu)));
  const shown = [
    ...bars.slice(0, barsMax).map((bar) => ({ name: terminalName(bar.terminal, language.value), teu: bar.teu })),
    ...(rest.length === 0 ? [] : [{ name: w.others(rest.length), teu: restTeu }]),
  ];
  return (
    <section aria-label={w.terminals}>
      <table class="brush-table">
        <tbody>
          {shown.map((bar) => (
            <tr key={bar.name}>
              <th scope="row">{bar.name}</th>
              <td class="bar-cell">
                <i
                  style={{
                    width: `${Math.min(100, (Math.abs(bar.teu) / largest) * 100)}%`,
                    background: bar.teu < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)',
                  }}
                />
              </td>
              <td class="num b">{signedWhole(bar.teu)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Kinds({ changes }: { changes: Changes }) {
  const w = brushWords.value;
  let dimension = '';
  return (
    <section class="ruled" aria-label={w.kinds}>
      <h3 class="h">{w.kinds}</h3>
      <table class="brush-table">
        <tbody>
          {changes.parts
            .filter((part) => part.now !== 0 || part.before !== 0)
            .map(({ part, now, before, lead }) => {
              const isFirst = PARTS[part].dimension !== dimension;
              dimension = PARTS[part].dimension;
              const change = now - before;
              return (
                <tr key={part} class={isFirst ? 'first' : ''}>
                  <th scope="row">{w.parts[part]}</th>
                  <td class="lab lead">{lead === null ? '' : terminalName(lead.terminal, language.value)}</td>
                  <td class={`num b ${deltaClass(before === 0 ? null : (change / before) * 100)}`}>
                    {signedWhole(change)}
                  </td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </section>
  );
}

/** A column a window: how much of it was covered, and over it how much came late. */
function FeedChart({ feed }: { feed: readonly FeedWindow[] }) {
  const w = brushWords.value;
  const [width, height] = [300, 34];
  const step = width / Math.max(1, feed.length);
  const lateShare = (one: FeedWindow) => (one.moves === 0 ? 0 : Math.min(1, one.late / one.moves));
  return (
    <svg
      class="feed-chart"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={w.feedChart}
      preserveAspectRatio="none"
    >
      {feed.map((one, index) => (
        <g key={one.startMs}>
          <rect
            x={index * step}
            y={14 + (1 - one.completeness) * 20}
            width={Math.max(0.5, step - 0.5)}
            height={one.completeness * 20}
            fill={one.completeness < 0.99 ? 'var(--caution)' : 'var(--s-band)'}
          />
          <rect
            x={index * step}
            y={12 - lateShare(one) * 12}
            width={Math.max(0.5, step - 0.5)}
            height={lateShare(one) * 12}
            fill="var(--s-rev)"
          />
        </g>
      ))}
      <path d={`M0 12.5H${width}`} stroke="var(--rule-3)" stroke-width="0.5" />
    </svg>
  );
}

function Feed({ feed, zone }: { feed: readonly FeedWindow[]; zone: string }) {
  const w = brushWords.value;
  const covered = feed.length === 0 ? 0 : feed.reduce((sum, one) => sum + one.completeness, 0) / feed.length;
  const moves = feed.reduce((sum, one) => sum + one.moves, 0);
  const late = feed.reduce((sum, one) => sum + one.late, 0);
  const lateShare = moves === 0 ? 0 : late / moves;
  const answer =
    covered < 0.98
      ? w.feedGap(share(covered * 100))
      : lateShare > lateMax
        ? w.feedLate(share(lateShare * 100))
        : w.feedNo;
  return (
    <section class="ruled">
      <h3 class="h">{w.feed}</h3>
      <p class="note">{answer}</p>
      <FeedChart feed={feed} />
      <details class="behind-feed">
        <summary>{words.value.table}</summary>
        <FigureTable
          label={w.feedChart}
          columns={[
            {
              name: words.value.columns.start(zoneNameOver(feed[0]?.startMs ?? 0, feed.at(-1)?.startMs ?? 0, zone)),
            },
            { name: w.completeness, isNumber: true },
            { name: w.late, isNumber: true },
          ]}
          rows={feed.map((one) => ({
            key: one.startMs,
            cells: [
              timeOf(one.startMs, true, zone),
              share(one.completeness * 100),
              `${whole(one.late)} / ${whole(one.moves)}`,
            ],
          }))}
        />
      </details>
      <div class="kv">
        <span>{w.completeness}</span>
        <span>{share(covered * 100)}</span>
        <span>{w.late}</span>
        <span>
          {whole(late)} / {moves === 0 ? NO_DATA : whole(moves)}
        </span>
      </div>
    </section>
  );
}

export type BrushedProps = {
  readonly code: string;
  readonly span: Span;
  /** The stretch in words. */
  readonly stretch: string;
  readonly onZoom: (span: Span) => void;
  readonly onClose: () => void;
};

export function Brushed({ code, span, stretch, onZoom, onClose }: BrushedProps) {
  const { nowMs } = usePage();
  const w = brushWords.value;
  const found = useSignal<Found | null>(null);
  const failure = useSignal('');
  const against = useSignal<Against>('expected');
  const key = `${code}/${span.fromMs}/${span.toMs}`;
  useEffect(() => {
    let isWanted = true;
    failure.value = '';
    void readBrushed(code, span, nowMs.peek(), key).then((answer) => {
      if (!isWanted) return;
      if (typeof answer === 'string') failure.value = answer;
      else found.value = answer;
    });
    return () => {
      isWanted = false;
    };
  }, [key]);
  const shown = found.value?.key === key ? found.value : null;
  const zone = zoneOfWindows(shown?.sizeS ?? 0, shownZone.value);
  return (
    <div class="pad scroll stack brushed">
      <div class="brush-tools">
        <fieldset class="seg" aria-label={w.against}>
          {(['expected', 'before'] as const).map((name) => (
            <button
              key={name}
              type="button"
              class={against.value === name ? 'on' : ''}
              aria-pressed={against.value === name}
              onClick={() => {
                against.value = name;
              }}
            >
              {name === 'expected' ? w.againstExpected : w.againstBefore}
            </button>
          ))}
        </fieldset>
        <button type="button" class="tb" onClick={() => onZoom(span)}>
          {w.zoom}
        </button>
        <button type="button" class="tb" onClick={onClose}>
          {w.close}
        </button>
      </div>
      <p class="lab">{stretch}</p>
      {failure.value !== '' && (
        <p class="al" role="alert">
          {w.failed(failure.value)}
        </p>
      )}
      {shown === null && failure.value === '' && <p class="note">{w.loading}</p>}
      {shown !== null && (
        <>
          <Size changes={shown.changes} against={against.value} span={shown.span} zone={zone} />
          <Bars changes={shown.changes} against={against.value} />
          <Kinds changes={shown.changes} />
          <Feed feed={shown.feed} zone={zone} />
        </>
      )}
    </div>
  );
}
