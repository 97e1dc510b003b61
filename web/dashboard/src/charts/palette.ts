/** What canvases need of the tokens, since they cannot read CSS variables by themselves: colours, font, and how large all is on this screen. */

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
export type Palette = Readonly<Record<ColourName, string>> & {
  readonly font: string;
  /** How much larger than at a desk everything is: 1, on a wall more. */
  readonly scale: number;
};

export const readScale = (): number => Number(getComputedStyle(document.documentElement).getPropertyValue('--wall'));

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Record<
    ColourName,
    string
  >;
  return { ...colours, font: getComputedStyle(document.body).fontFamily, scale: readScale() };
}

/** Pixels of a canvas for a length of the design. */
export const pixelsOf =
  ({ scale }: Palette) =>
  (length: number): number =>
    length * scale * devicePixelRatio;

/** Diagonal lines: "no data". */
export function hatchOf(context: CanvasRenderingContext2D, palette: Palette, alpha: number): CanvasPattern | null {
  const tile = document.createElement('canvas');
  const px = pixelsOf(palette);
  const size = Math.round(px(6));
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return null;
  pen.globalAlpha = alpha;
  pen.strokeStyle = palette.hatch;
  pen.lineWidth = px(1);
  pen.beginPath();
  pen.moveTo(-1, size + 1);
  pen.lineTo(size + 1, -1);
  pen.stroke();
  return context.createPattern(tile, 'repeat');
}
