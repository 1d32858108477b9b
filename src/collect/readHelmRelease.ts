import { gunzipSync } from 'node:zlib';
import type { ChartValues } from '../knowledge/charts/ChartTable.ts';
import { missing } from '../model/Fact.ts';
import { isRecord } from '../text/isRecord.ts';
import { parseJson } from '../text/parseJson.ts';
import type { Answer, ClusterPort } from './ClusterPort.ts';

/** A Secret holds 1 MiB, which may be many times as much when it is unpacked. */
const maxBytes = 32 * 1024 * 1024;

/**
 * What was given for the values of a release: Helm keeps it in a Secret of its own for each revision, as gzip of JSON
 * in base64, once more in base64 (helm: pkg/storage/driver/secrets.go). Nothing else of it is kept.
 */
export async function readHelmRelease(
  port: Pick<ClusterPort, 'list'>,
  namespace: string,
  release: string,
): Promise<Answer<ChartValues>> {
  const labelSelector = `owner=helm,name=${release},status=deployed`;
  const answer = await port.list(`/api/v1/namespaces/${namespace}/secrets`, { query: { labelSelector } });
  if (!answer.ok) return answer;
  const newest = answer.value.flatMap(revisionOf).toSorted((one, other) => other.revision - one.revision)[0];
  if (newest === undefined)
    return {
      ok: false,
      why: missing('absent', `no Secret of Helm in ${namespace} holds a deployed release ${release}`),
    };
  const values = valuesIn(newest.text);
  return values === undefined
    ? { ok: false, why: missing('unparsed', 'its Secret does not hold what Helm writes') }
    : { ok: true, value: values };
}

interface Revision {
  readonly revision: number;
  readonly text: string;
}

function revisionOf(secret: unknown): readonly Revision[] {
  if (!isRecord(secret) || !isRecord(secret['metadata']) || !isRecord(secret['data'])) return [];
  const { labels } = secret['metadata'];
  const text = secret['data']['release'];
  return typeof text === 'string' && isRecord(labels) ? [{ revision: Number(labels['version']) || 0, text }] : [];
}

function valuesIn(text: string): ChartValues | undefined {
  const packed = Buffer.from(Buffer.from(text, 'base64').toString('latin1'), 'base64');
  const release = unpacked(packed);
  if (!isRecord(release)) return undefined;
  const { config } = release;
  // A release without any values of its own has none.
  return isRecord(config ?? {}) ? ((config ?? {}) as ChartValues) : undefined;
}

function unpacked(packed: Buffer): unknown {
  try {
    return parseJson(gunzipSync(packed, { maxOutputLength: maxBytes }).toString('utf8'));
  } catch {
    return undefined;
  }
}
