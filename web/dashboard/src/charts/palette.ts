/** Colours of the tokens for canvases, which cannot read CSS variables by themselves. */

const NAMES = [
  's-actual',
  's-band',
  's-band-edge',
  's-expected',
  's-last',
  's-rev',
  'alarm',
  'caution',
  'hatch',
  'ink',
  'ink-2',
  'ink-3',
  'rule',
  'rule-2',
  'rule-3',
  'surface',
  'replay',
] as const;
export type ColourName = (typeof NAMES)[number];
export type Palette = Readonly<Record<ColourName, string>> & { readonly font: string };

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Record<
    ColourName,
    string
  >;
  return { ...colours, font: getComputedStyle(document.body).fontFamily };
}

/** Diagonal lines: "no data". */
export function hatchOf(context: CanvasRenderingContext2D, colour: string, alpha: number): CanvasPattern | null {
  const tile = document.createElement('canvas');
  const size = Math.round(6 * devicePixelRatio);
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return null;
  pen.globalAlpha = alpha;
  pen.strokeStyle = colour;
  pen.lineWidth = devicePixelRatio;
  pen.beginPath();
  pen.moveTo(-1, size + 1);
  pen.lineTo(size + 1, -1);
  pen.stroke();
  return context.createPattern(tile, 'repeat');
}
