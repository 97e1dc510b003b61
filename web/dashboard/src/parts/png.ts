/** A chart as a picture under two lines of text that say what it shows. Knows nothing of what is drawn. */
import { pixelsOf, readPalette } from '../charts/palette.ts';
import { saveBlob } from '../csv.ts';

export type Caption = {
  /** Without its ending. */
  readonly file: string;
  readonly title: string;
  /** Scope, comparator, stretch, zone, simulated or not. */
  readonly line: string;
};

/** @param chart in the screen's own pixels. */
export function savePng({ file, title, line }: Caption, chart: HTMLCanvasElement): void {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const palette = readPalette();
  const px = pixelsOf(palette);
  const head = Math.round(px(62));
  const margin = Math.round(px(16));
  canvas.width = chart.width + 2 * margin;
  canvas.height = chart.height + head + margin;
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = palette.ink;
  pen.font = `700 ${px(20)}px ${palette.font}`;
  pen.fillText(title, margin, px(28));
  pen.font = `${px(12)}px ${palette.font}`;
  pen.fillStyle = palette['ink-2'];
  pen.fillText(line, margin, px(48), canvas.width - 2 * margin);
  pen.drawImage(chart, margin, head);
  canvas.toBlob((blob) => {
    if (blob !== null) saveBlob(`${file}.png`, blob);
  }, 'image/png');
}

/** What the page's style sheet says of a drawing; a picture has no style sheet. */
const DRAWN = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'paint-order',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'text-anchor',
] as const;

/** A drawing of the page as a canvas in the screen's own pixels. @throws when the browser cannot draw it. */
export async function canvasOf(svg: SVGSVGElement): Promise<HTMLCanvasElement> {
  const [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  for (const [index, element] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    // As attributes: a style of its own would be refused by the page's content security policy.
    for (const name of DRAWN) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute('style');
  }
  const px = pixelsOf(readPalette());
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('width', String(px(width)));
  copy.setAttribute('height', String(px(height)));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(px(width));
  canvas.height = Math.round(px(height));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
