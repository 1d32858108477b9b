import { readFileSync } from 'node:fs';
import { homedir, hostname, release } from 'node:os';
import type { Bed } from './Bed.ts';

/**
 * What a recording must not tell about the machine on which it was made. Addresses are those of bed 0, whichever bed it
 * was, so that recordings of several beds look alike.
 */
export const withoutMachine =
  (bed: Bed) =>
  (text: string): string =>
    text
      .replaceAll(`172.30.${bed.id}.`, '172.30.0.')
      .replaceAll(`02:30:${bed.id.toString(16).padStart(2, '0')}:`, '02:30:00:')
      .replaceAll(release(), release().replace(/^(\d+(?:\.\d+)*).*$/, '$1'));

/** The same of objects; and without the volumes by which containers get a bed's programs (localise.ts). */
export function objectWithoutMachine(bed: Bed, value: unknown): unknown {
  const text = JSON.stringify(value, (key, item: unknown) =>
    key in nodeIds
      ? nodeIds[key as keyof typeof nodeIds]
      : Array.isArray(item)
        ? item.filter((one) => !isOfBed(one))
        : item,
  );
  return JSON.parse(withoutMachine(bed)(text));
}

const nodeIds = {
  machineID: '00000000000000000000000000000000',
  systemUUID: '00000000-0000-0000-0000-000000000000',
  bootID: '00000000-0000-0000-0000-000000000000',
} as const;

const isOfBed = (item: unknown): boolean =>
  typeof item === 'object' &&
  item !== null &&
  'name' in item &&
  typeof item.name === 'string' &&
  item.name.startsWith('bed-');

/** Paths and names of a machine, and what opens a cluster: none of it may be in a recording, whoever made it. */
export const telltales: readonly RegExp[] = [
  /\.cache\//,
  /kpr-bed/,
  /\/run\/bed/,
  /\/(?:root|home)\/[\w.]/,
  /\bbed-(?!ca\b)\w+/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  // The same in base64, as kubeconfigs have it.
  /LS0tLS1CRUdJTi[\w+/]{0,20}(?:UFJJVkFURSBLRVk|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ)/,
  /client-key-data/,
  // JSON Web Tokens: service accounts' and others'.
  /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  /\bbearer\s+[\w.~+/-]{16,}/i,
];

/** What of this machine is in the text after all; for the recorder, before it keeps anything. */
export function machineTraces(bed: Bed, text: string): string[] {
  const id = readOr('/etc/machine-id');
  const names = [homedir() === '/root' ? '/root/' : homedir(), id, readOr('/proc/sys/kernel/random/boot_id')];
  const own = [...names.filter((name) => name !== ''), ...(bed.id === 0 ? [] : [`172.30.${bed.id}.`])];
  const host = new RegExp(`(?<![\\w.-])${hostname().replaceAll('.', '\\.')}(?![\\w.-])`);
  return [
    ...own.filter((name) => text.includes(name)),
    ...[...telltales, host].flatMap((pattern) => pattern.exec(text)?.[0] ?? []),
  ];
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
