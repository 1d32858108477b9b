import type { Timing } from './measure.ts';

export interface ScaleRow {
  readonly nodes: number;
  readonly doctor: Timing;
  readonly bare: Timing;
}

const width = 720;
const height = 300;
const left = 60;
const panel = 280;
const bottom = 250;
const top = 40;

/** Two panels over the number of nodes, both axes logarithmic: processor time, and peak memory. */
export function scalePlot(rows: readonly ScaleRow[]): string {
  const seconds = panelOf(0, 'processor time, s', [
    { name: 'doctor', colour: '#0b6', points: rows.map(({ nodes, doctor }) => [nodes, doctor.cpuMs / 1000] as const) },
    { name: 'bare client', colour: '#888', points: rows.map(({ nodes, bare }) => [nodes, bare.cpuMs / 1000] as const) },
  ]);
  const memory = panelOf(1, 'peak memory, MB', [
    { name: 'doctor', colour: '#0b6', points: rows.map(({ nodes, doctor }) => [nodes, doctor.peakMb] as const) },
    { name: 'bare client', colour: '#888', points: rows.map(({ nodes, bare }) => [nodes, bare.peakMb] as const) },
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">\n<rect width="${width}" height="${height}" fill="#fff"/>\n${seconds}\n${memory}\n</svg>\n`;
}

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [nodes: number, value: number])[];
}

function panelOf(column: number, title: string, lines: readonly Line[]): string {
  const from = left + column * (panel + 70);
  const all = lines.flatMap(({ points }) => points);
  const x = scale(
    all.map(([nodes]) => nodes),
    from,
    from + panel,
  );
  const y = scale(
    all.map(([, value]) => value),
    bottom,
    top,
  );
  const ticks = [...new Set(all.map(([nodes]) => nodes))].map(
    (nodes) => `<text x="${x(nodes)}" y="${bottom + 18}" text-anchor="middle">${nodes}</text>`,
  );
  const drawn = lines.map(({ name, colour, points }, at) => {
    const path = points.map(([nodes, value]) => `${x(nodes)},${y(value)}`).join(' ');
    const labels = points.map(([nodes, value]) => {
      const text = value >= 10 ? value.toFixed(0) : value.toFixed(1);
      return `<circle cx="${x(nodes)}" cy="${y(value)}" r="3" fill="${colour}"/><text x="${x(nodes)}" y="${y(value) - 7}" text-anchor="middle" fill="${colour}">${text}</text>`;
    });
    const legend = `<text x="${from + 8}" y="${top + 14 * at}" fill="${colour}">${name}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${labels.join('')}${legend}`;
  });
  const axis = `<path d="M${from} ${top}V${bottom}H${from + panel}" fill="none" stroke="#444"/>`;
  const name = `<text x="${from}" y="${top - 18}" font-weight="bold">${title}</text><text x="${from + panel}" y="${bottom + 36}" text-anchor="end">nodes</text>`;
  return [axis, name, ...ticks, ...drawn].join('\n');
}

/** Logarithmic, with some room at both ends. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.log(Math.min(...values) * 0.7), Math.log(Math.max(...values) * 1.4)];
  return (value) => Math.round(from + ((Math.log(value) - least) / (most - least)) * (to - from));
}
