/**
 * Counters, gauges and histograms in Prometheus' text form. Counted per batch, with bounded labels.
 * Serves nothing: the process's HTTP server, if it has one, prints `render()`.
 */
export type Labels = Readonly<Record<string, string>>;
type Series = { readonly labels: string; value: number };
type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: Map<string, Series>;
};

const seriesMax = 1_000;

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '_')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** At most `seriesMax` series a family: further label sets are added to the series `{overflow="true"}`. */
export function createMetrics() {
  const families = new Map<string, Family>();
  const familyOf = (name: string, help: string, type: string): Family => {
    const known = families.get(name) ?? { name, help, type, series: new Map<string, Series>() };
    families.set(name, known);
    return known;
  };
  const seriesOf = (family: Family, labels: Labels): Series => {
    const key =
      family.series.size >= seriesMax && !family.series.has(labelText(labels))
        ? '{overflow="true"}'
        : labelText(labels);
    const known = family.series.get(key) ?? { labels: key, value: 0 };
    family.series.set(key, known);
    return known;
  };
  return {
    counter(name: string, help: string) {
      const family = familyOf(name, help, 'counter');
      return (by = 1, labels: Labels = {}) => {
        seriesOf(family, labels).value += by;
      };
    },
    gauge(name: string, help: string) {
      const family = familyOf(name, help, 'gauge');
      return (value: number, labels: Labels = {}) => {
        seriesOf(family, labels).value = value;
      };
    },
    histogram(name: string, help: string, bounds: readonly number[]) {
      const buckets = familyOf(`${name}_bucket`, help, 'histogram');
      const sum = familyOf(`${name}_sum`, '', '');
      const count = familyOf(`${name}_count`, '', '');
      return (value: number) => {
        // All buckets from the first value on, in their order: a quantile is reckoned between neighbours, empty ones too.
        if (buckets.series.size === 0) for (const le of [...bounds, '+Inf']) seriesOf(buckets, { le: String(le) });
        for (const bound of bounds) if (value <= bound) seriesOf(buckets, { le: String(bound) }).value++;
        seriesOf(buckets, { le: '+Inf' }).value++;
        seriesOf(sum, {}).value += value;
        seriesOf(count, {}).value++;
      };
    },
    render(): string {
      const lines: string[] = [];
      for (const family of families.values()) {
        const base = family.type === 'histogram' ? family.name.replace(/_bucket$/, '') : family.name;
        if (family.type !== '') lines.push(`# HELP ${base} ${family.help}`, `# TYPE ${base} ${family.type}`);
        for (const series of family.series.values()) lines.push(`${family.name}${series.labels} ${series.value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
