// `npm run audit`: whether advisories name a version of package-lock.json, by the registry's advisory service. 0: none;
// 1: some; 2: the service could not be asked, which is not a pass.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { npmCommand } from './npm.mjs';

/** As much of what `npm audit --json` prints (npm 7 and later) as is read here. */
interface Audit {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<Record<string, Vulnerable>>;
  /** In place of a report. */
  readonly message?: string;
}
interface Vulnerable {
  readonly severity: string;
  readonly range: string;
  /** A name: because of that package. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

const [command, ...args] = npmCommand();
const { stdout, stderr } = spawnSync(command, [...args, 'audit', '--json', ...process.argv.slice(2)], {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  maxBuffer: 1e8,
});
const audit = parse(stdout ?? '');
if (audit.auditReportVersion === undefined) {
  const why = audit.message ?? (stderr ?? '').trim().split('\n')[0] ?? '';
  console.error(
    `NOT CHECKED: the registry has no advisory service that answers (${why}); whether advisories name a package is not known`,
  );
  process.exitCode = 2;
} else {
  const found = Object.entries(audit.vulnerabilities ?? {});
  for (const [name, { severity, range, via }] of found)
    console.error(`${name} ${range} (${severity}): ${via.map(cause).join('; ')}`);
  console.error(`${found.length} packages of package-lock.json are named by advisories`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

function cause(via: Vulnerable['via'][number]): string {
  return typeof via === 'string' ? `by way of ${via}` : `${via.title} ${via.url}`;
}

function parse(text: string): Audit {
  try {
    return JSON.parse(text) as Audit;
  } catch {
    return {};
  }
}
