/** The first view: is it live, are we normal, must I act, where, and are we on the path. */

import { Incidents } from '../parts/incidents.tsx';
import { Mobile } from '../parts/mobile.tsx';
import { Clusters, National } from '../parts/national.tsx';
import { Pace } from '../parts/pace.tsx';
import { PortMap } from '../parts/port-map.tsx';
import { PortTable } from '../parts/port-table.tsx';
import { hrefOf, route } from '../route.ts';
import { words } from '../settings.ts';

export function Overview({ isNarrow }: { isNarrow: boolean }) {
  const w = words.value;
  const isMap = route.value.view === 'map';
  if (isNarrow && isMap)
    return (
      <main class="v-map">
        <h1 class="sr">{w.map}</h1>
        <PortMap />
      </main>
    );
  if (isNarrow) return <Mobile />;
  return (
    <main class={isMap ? 'v-overview on-map' : 'v-overview'}>
      <section class="left">
        <National />
        <Clusters />
        <nav class="map-tab" aria-label={w.map}>
          <a class="tb" href={hrefOf(isMap ? 'overview' : 'map')}>
            {isMap ? w.ports : w.map}
          </a>
        </nav>
        <div class="map-box">
          <PortMap />
        </div>
      </section>
      <Pace />
      <PortTable />
      <Incidents />
    </main>
  );
}
