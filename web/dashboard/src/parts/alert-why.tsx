/** Why an alert is there: who contributes, what spoke for it over time, what would resolve it, and the like of it before. */
import type { AlertState } from '@quaywatch/contracts';
import {
  alertAge,
  contributorName,
  contributorWords,
  isInPercent,
  moment,
  reasonWords,
  resolveWords,
  signedTeu,
  span,
  valueWords,
} from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { zoneFor } from '../zone.ts';
import { Scroll } from './scroll.tsx';

const contributorsMax = 8;
const likeMax = 4;

export function AlertContributors({ alert }: { alert: AlertState }) {
  const w = words.value;
  const lang = language.value;
  const list = alert.contributors.slice(0, contributorsMax);
  const largest = Math.max(1, ...list.map((one) => Math.abs(one.teu)));
  const [lead] = list;
  return (
    <>
      <h2 class="h">{w.contributors}</h2>
      {lead === undefined && <p class="note">{w.noContributors}</p>}
      {lead !== undefined && <p class="note lead">{contributorWords(alert, lead, lang)}</p>}
      <div class="cmp">
        {list.map((one) => (
          <>
            <span key={`n${one.port}${one.terminal}`}>
              {alert.level === 'cluster' || alert.level === 'nation' ? (
                <a href={hrefOf('port', one.port)}>{contributorName(one, lang)}</a>
              ) : (
                contributorName(one, lang)
              )}
            </span>
            <i
              key={`b${one.port}${one.terminal}`}
              style={{
                width: `${(Math.abs(one.teu) / largest) * 100}%`,
                background: one.teu < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)',
              }}
            />
            <span key={`t${one.port}${one.terminal}`} class="num">
              {signedTeu(one.teu, lang)}
            </span>
          </>
        ))}
      </div>
    </>
  );
}

export function EndsWhen({ alert }: { alert: AlertState }) {
  const w = words.value;
  if (alert.status === 'resolved') return null;
  return (
    <>
      <h2 class="h gap">{w.endsWhen}</h2>
      <p class="note">{resolveWords(alert, language.value)}</p>
    </>
  );
}

export function Evidence({ alert }: { alert: AlertState }) {
  const w = words.value;
  const lang = language.value;
  if (alert.evidence.length === 0) return null;
  const unit = isInPercent(alert.kind) ? '' : `, ${w.unitRate}`;
  return (
    <div class="evidence">
      <h2 class="h">{w.evidence}</h2>
      <Scroll label={w.evidence} more="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">{w.columns.time}</th>
              <th scope="col">{w.evidenceOver}</th>
              <th scope="col" class="num">
                {w.value}
                {unit}
              </th>
              <th scope="col" class="num">
                {w.expected}
              </th>
              <th scope="col" class="num">
                {w.sureColumn}
              </th>
              <th scope="col">{w.columns.reason}</th>
            </tr>
          </thead>
          <tbody>
            {[...alert.evidence].reverse().map((one) => (
              <tr key={`${one.at_ms}/${one.window_s}/${one.reason}`}>
                <td>{moment(one.at_ms, alert.at_ms, lang, zoneFor(alert.port))}</td>
                <td>{span(one.window_s * 1000, lang)}</td>
                <td class="num b">{valueWords(one.value, alert.kind)}</td>
                <td class="num">{valueWords(one.expected, alert.kind)}</td>
                <td class="num">{one.z === null ? '—' : Math.abs(one.z).toFixed(1)}</td>
                <td>{reasonWords(one.reason, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}

const isLike = (one: AlertState, other: AlertState) =>
  one.alert_id !== other.alert_id &&
  one.kind === other.kind &&
  one.level === other.level &&
  one.port === other.port &&
  one.cluster === other.cluster &&
  one.status === 'resolved' &&
  one.severity !== 'info';

export function LikeBefore({ alert }: { alert: AlertState }) {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const before = [...live.alerts.value.values()]
    .filter((one) => isLike(one, alert) && one.since_ms < alert.since_ms)
    .sort((a, b) => b.since_ms - a.since_ms)
    .slice(0, likeMax);
  if (before.length === 0) return null;
  return (
    <>
      <h2 class="h gap">{w.likeBefore}</h2>
      <div class="kv">
        {before.map((one) => (
          <>
            <span key={`a${one.alert_id}`}>
              <a href={hrefOf('alerts', one.alert_id)}>
                {moment(one.since_ms, alert.since_ms, lang, zoneFor(alert.port))}
              </a>
              , {alertAge(one, one.at_ms, lang)}
            </span>
            <span key={`b${one.alert_id}`}>{one.size_teu === null ? '—' : signedTeu(one.size_teu, lang)}</span>
          </>
        ))}
      </div>
    </>
  );
}
