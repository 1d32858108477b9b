import { readFileSync } from 'node:fs';
import { homedir, hostname, release } from 'node:os';

/** A recording tells the kernel's version, not whose build it is. */
export const withoutMachine = (text: string): string =>
  text.replaceAll(release(), release().replace(/^(\d+(?:\.\d+)*).*$/, '$1'));

/** The same of objects; and without the volumes by which containers get a bed's programs (localise.ts). */
export function objectWithoutMachine(value: unknown): unknown {
  const text = JSON.stringify(value, (key, item: unknown) =>
    key in nodeIds
      ? nodeIds[key as keyof typeof nodeIds]
      : Array.isArray(item)
        ? item.filter((one) => !isOfBed(one))
        : item,
  );
  return JSON.parse(withoutMachine(text));
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
export function machineTraces(text: string): string[] {
  const id = readOr('/etc/machine-id');
  const names = [homedir() === '/root' ? '/root/' : homedir(), id, readOr('/proc/sys/kernel/random/boot_id')];
  const host = new RegExp(`(?<![\\w.-])${hostname().replaceAll('.', '\\.')}(?![\\w.-])`);
  return [
    ...names.filter((name) => name !== '' && text.includes(name)),
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
