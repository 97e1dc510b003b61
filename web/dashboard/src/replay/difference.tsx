/** The difference of two days, hour by hour: bars about zero, what they add up to, and the table behind them. */
import { hourMinute, signedPercent, signedPercentUnit, signedWhole, whole } from '@quaywatch/words';
import type { ComponentChildren } from 'preact';
import { useWidth } from '../parts/hooks.ts';
import { Scroll } from '../parts/scroll.tsx';
import { shownZone } from '../zone.ts';
import { differenceOf, type PairedHour } from './hours.ts';
import { replayWords } from './words.ts';

const HEIGHT = 64;
const LEFT = 46;

const percentOf = ({ played, other }: PairedHour) => (other === 0 ? null : ((played - other) / other) * 100);

/** @param children stand at the end of its head. */
export function Difference({ hours, children }: { hours: readonly PairedHour[]; children: ComponentChildren }) {
  const w = replayWords.value;
  const [ref, width] = useWidth(640);
  const { teu, percent, hours: count } = differenceOf(hours);
  const most = Math.max(1, ...hours.map(({ played, other }) => Math.abs(played - other)));
  const step = (width - LEFT - 14) / Math.max(1, hours.length);
  const middle = HEIGHT / 2;
  return (
    <div class="replay-diff">
      <div class="ph">
        <h2 class="h">{w.difference}</h2>
        <span class="lab">
          {count === 0 ? w.noDifference : w.differenceOf(signedWhole(teu), signedPercentUnit(percent), String(count))}
        </span>
        <div class="sp" />
        {children}
      </div>
      <div class="replay-bars" ref={ref}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={w.differenceChart}>
          <path d={`M${LEFT} ${middle}H${width - 14}`} class="zero" />
          {hours.map((hour, index) => {
            const less = hour.played - hour.other;
            const size = (Math.abs(less) / most) * (middle - 3);
            return (
              <rect
                key={hour.startMs}
                x={LEFT + index * step + 1}
                y={less < 0 ? middle : middle - size}
                width={Math.max(1, step - 2)}
                height={Math.max(0.5, size)}
                fill={less < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)'}
              >
                <title>{`${hourMinute(hour.startMs, shownZone.value)}: ${signedWhole(less)} TEU, ${signedPercentUnit(percentOf(hour))}`}</title>
              </rect>
            );
          })}
          {hours.some(({ played, other }) => played !== other) && (
            <text x={LEFT - 6} y={12} class="axis" text-anchor="end">
              ±{whole(most)}
            </text>
          )}
        </svg>
      </div>
    </div>
  );
}

/** The same figures to read: the newest hour first. */
export function HourTable({ hours, isLive }: { hours: readonly PairedHour[]; isLive: boolean }) {
  const w = replayWords.value;
  return (
    <Scroll label={w.differenceChart}>
      <table class="replay-hours">
        <thead>
          <tr>
            <th scope="col">{w.hour}</th>
            <th scope="col" class="num">
              {w.replay}
            </th>
            <th scope="col" class="num">
              {isLive ? w.live : w.other}
            </th>
            <th scope="col" class="num">
              {w.less}
            </th>
            <th scope="col" class="num">
              {w.lessPercent}
            </th>
          </tr>
        </thead>
        <tbody>
          {hours.toReversed().map((hour) => (
            <tr key={hour.startMs} data-hour={hour.startMs}>
              <td>{hourMinute(hour.startMs, shownZone.value)}</td>
              <td class="num rate">{whole(hour.played)}</td>
              <td class="num mid">{whole(hour.other)}</td>
              <td class="num b">{signedWhole(hour.played - hour.other)}</td>
              <td class="num">{signedPercent(percentOf(hour))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
