/** How the boxes were handled today, as shares of headline TEU. */

import { share } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { words } from '../settings.ts';

function Pair({ name, first }: { name: string; first: number }) {
  return (
    <>
      <span class="mid">{name}</span>
      <div class="bar">
        <i style={{ width: `${first}%`, background: 'var(--c1)' }} />
        <i style={{ width: `${100 - first}%`, background: 'var(--c3)' }} />
      </div>
      <b class="num">{share(first)}</b>
    </>
  );
}

function Part({ name, value }: { name: string; value: number }) {
  return (
    <>
      <span class="mid">{name}</span>
      <div class="bar">
        <i style={{ width: `${value}%`, background: 'var(--c2)' }} />
        <i style={{ width: `${100 - value}%`, background: 'var(--sunken)' }} />
      </div>
      <b class="num">{share(value)}</b>
    </>
  );
}

export function Mix({ code }: { code: string }) {
  const { live } = usePage();
  const w = words.value.mix;
  const mix = live.port(code).value?.mix ?? null;
  if (mix === null) return <div class="splits lab">{words.value.noData}</div>;
  return (
    <div class="splits" title={w.note}>
      <div class="split">
        <Pair name={w.load} first={mix.load} />
        <Pair name={w.trade} first={mix.export} />
        <Pair name={w.laden} first={mix.laden} />
        <Part name={w.departure} value={mix.departure_confirmed} />
      </div>
      <div class="split">
        <Part name={w.pickUp} value={mix.direct_pick_up} />
        <Part name={w.loading} value={mix.direct_loading} />
        <Part name={w.barge} value={mix.barge} />
        <Part name={w.mixed} value={mix.mixed_trade_call} />
      </div>
      <div class="split">
        <Part name={w.railSea} value={mix.rail_sea} />
        <Part name={w.waybill} value={mix.rail_single_waybill} />
        <Part name={w.container} value={mix.rail_single_container} />
      </div>
    </div>
  );
}
