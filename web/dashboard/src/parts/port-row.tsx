/** One port in the table. Zero is a bold 0 and a green dot; no data is a dash, hatching and the age; provisional is a dotted line. */

import type { FeedState, PortSummary } from '@quaywatch/contracts';
import {
  compact,
  deviationPercent,
  duration,
  hourMinute,
  portName,
  seconds,
  signedPercent,
  whole,
} from '@quaywatch/words';
import { deltaClass, isInBand, stepOf } from '../deviation.ts';

import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

import type { World } from '../wire/store.ts';
import { zoneFor } from '../zone.ts';
import { usePortSlots, useTick } from './hooks.ts';
import { FeedIcon } from './icons.tsx';
import { DeviationBar, Spark } from './spark.tsx';

export function FeedCell({ feed, ageS }: { feed: FeedState; ageS: number | null }) {
  const w = words.value;
  const lang = language.value;
  const span = ageS === null ? '' : duration(ageS * 1000, lang);
  const text =
    feed === 'none'
      ? w.noFeed
      : feed === 'silent'
        ? w.silentFor(span)
        : feed === 'late'
          ? w.lateFor(span)
          : ageS === null
            ? '—'
            : ageS < 60
              ? seconds(ageS, lang)
              : span;
  return (
    <span class="fs">
      <FeedIcon feed={feed} />
      {text}
    </span>
  );
}

function Deviation({ port }: { port: PortSummary }) {
  const w = words.value;
  const deviation = deviationPercent(port.rate, port.expected);
  // A port that moves a ship at a time is often far off and yet as expected.
  const isQuiet =
    deviation !== null && port.expected !== null && port.expected < 20 && isInBand(port) && Math.abs(deviation) > 30;
  if (isQuiet)
    return (
      <>
        <td class="c-bar" />
        <td class="num dim" title={signedPercent(deviation)}>
          {w.inBand}
        </td>
      </>
    );
  const step = stepOf(deviation);
  const isPlain = deviation !== null && Math.abs(deviation) < 2;
  return (
    <>
      <td class="c-bar">{port.rate !== null && <DeviationBar deviation={deviation} step={step} />}</td>
      <td class="num">
        <span class={`${deltaClass(deviation)} ${isPlain || deviation === null ? '' : 'b'}`}>
          {signedPercent(deviation)}
        </span>
      </td>
    </>
  );
}

function ChartAndRate({ port, world }: { port: PortSummary; world: World }) {
  const w = words.value;
  const slots = usePortSlots(world, port.port);
  const ref = useTick(port.rate);
  if (port.rate === null) {
    const asOfMs = world.clock.value?.asOfMs ?? 0;
    const since = port.feed_age_s === null ? '' : hourMinute(asOfMs - port.feed_age_s * 1000, zoneFor(port.port));
    return (
      <td colSpan={2} class="hx-cell">
        <span class="hx">
          <span class="nd">{since === '' ? w.noFeed : w.silentSince(since)}</span>
          <span class="nd">{w.noData}</span>
        </span>
      </td>
    );
  }
  return (
    <>
      <td class="c-spark">
        <Spark slots={slots} />
      </td>
      <td class="num rate">
        <span ref={ref} class={port.provisional ? 'prov' : ''} title={port.provisional ? w.provisional : undefined}>
          {whole(port.rate)}
        </span>
      </td>
    </>
  );
}

export function PortRow({ code, world, isCurrent }: { code: string; world: World; isCurrent: boolean }) {
  const port = world.port(code).value;
  const lang = language.value;
  const name = (
    <td>
      <a class="pn" href={hrefOf('port', code)}>
        {portName(code, lang)}
      </a>
      <span class="pc">{code}</span>
    </td>
  );
  if (port === null)
    return (
      <tr>
        {name}
        <td class="c-spark" />
        <td class="num">—</td>
        <td class="c-bar" />
        <td class="num">—</td>
        <td class="num">—</td>
        <td class="num">—</td>
        <td class="num">—</td>
        <td class="num c-wide">—</td>
        <td />
      </tr>
    );
  const isSilent = port.feed === 'silent';
  return (
    // Keyboard readers have J, K and Enter, and the link in the first cell.
    <tr class={isCurrent ? 'cur' : ''} data-port={code} aria-selected={isCurrent} onClick={() => go('port', code)}>
      {name}
      <ChartAndRate port={port} world={world} />
      <Deviation port={port} />
      <td class={`num ${isSilent ? 'dim' : ''}`}>
        {whole(port.today)}
        {isSilent && port.today !== null ? '+' : ''}
      </td>
      <td class="num">{compact(port.ytd, lang)}</td>
      <td class="num">
        <span class={deltaClass(port.yoy_pct)}>{signedPercent(port.yoy_pct)}</span>
      </td>
      <td class="num c-wide">{whole(port.boxes_today)}</td>
      <td>
        <FeedCell feed={port.feed} ageS={port.feed_age_s} />
      </td>
    </tr>
  );
}
