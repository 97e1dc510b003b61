/** Mercator onto a rectangle of the page, as nautical charts have it. Draws nothing. */

export type Frame = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
/** South-west corner and width in degrees; the height follows from the frame. */
export type Extent = { readonly westLon: number; readonly eastLon: number; readonly northLat: number };
export type Projection = {
  readonly frame: Frame;
  readonly x: (lon: number) => number;
  readonly y: (lat: number) => number;
  readonly lonAt: (x: number) => number;
  readonly latAt: (y: number) => number;
};

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const mercator = (lat: number) => Math.log(Math.tan(Math.PI / 4 + radians(lat) / 2));

export function createProjection(frame: Frame, extent: Extent): Projection {
  const perDegree = frame.width / (extent.eastLon - extent.westLon);
  const perRadian = (perDegree * 180) / Math.PI;
  const top = mercator(extent.northLat);
  return {
    frame,
    x: (lon) => frame.x + (lon - extent.westLon) * perDegree,
    y: (lat) => frame.y + (top - mercator(lat)) * perRadian,
    lonAt: (x) => extent.westLon + (x - frame.x) / perDegree,
    latAt: (y) => (2 * Math.atan(Math.exp(top - (y - frame.y) / perRadian)) * 180) / Math.PI - 90,
  };
}

/** SVG path of `lon,lat lon,lat …` lines. */
export function pathOf(lines: readonly string[], projection: Projection, isClosed: boolean): string {
  return lines
    .map((line) => {
      const points = line.split(' ').map((pair) => {
        const [lon, lat] = pair.split(',').map(Number);
        return `${projection.x(lon ?? 0).toFixed(1)} ${projection.y(lat ?? 0).toFixed(1)}`;
      });
      return `M${points.join('L')}${isClosed ? 'Z' : ''}`;
    })
    .join('');
}
