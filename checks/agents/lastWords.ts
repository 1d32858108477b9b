import type { ContainerStatus } from '../../src/model/kubernetes.ts';
import { quoted } from '../../src/text/truncate.ts';

/**
 * Why a container ended, in one line: its exit code and the last complaint of its log, without time stamps, so that the
 * same reason on many nodes reads the same.
 */
export function lastWords({ state, lastState }: ContainerStatus): string {
  const end = state?.terminated ?? lastState?.terminated;
  const waiting = state?.waiting;
  if (end === undefined)
    return [waiting?.reason, complaint(waiting?.message ?? '')].filter(Boolean).join(': ') || 'no reason given';
  const how = end.reason === 'OOMKilled' ? 'OOMKilled' : `exit code ${end.exitCode}`;
  const said = complaint(end.message ?? '');
  return said === '' ? how : `${how}: ${said}`;
}

/** The last line of a log that complains, else its last line; of logfmt only message and error. */
function complaint(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const line =
    lines.findLast((one) => /level=(fatal|error)|panic|\bfatal\b|\berror\b/i.test(one)) ?? lines.at(-1) ?? '';
  const fields = ['msg', 'error'].flatMap((name) => logfmt(line, name));
  const text = (fields.length > 0 ? fields.join(': ') : line).trim();
  return quoted(text);
}

function logfmt(line: string, name: string): string[] {
  const found = new RegExp(String.raw`(?:^|\s)${name}=(?:"((?:[^"\\]|\\.)*)"|(\S+))`).exec(line);
  const value = found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2];
  return value === undefined ? [] : [value];
}
