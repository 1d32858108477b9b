import type { AgentMetrics } from '../model/NodeFacts.ts';
import { isRecord } from '../text/isRecord.ts';
import { objectIn, readJson, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

interface Sample {
  readonly name: string;
  readonly mapName: string | undefined;
  readonly returnCode: string | undefined;
  readonly value: number;
}

/**
 * `cilium-dbg metrics list`: the text table, the JSON array of `-o json`, and the Prometheus format in which a sysdump
 * has them. Map names stand there with and without `cilium_`, depending on the version.
 */
export function parseMetrics(text: string): Parsed<AgentMetrics> {
  const trimmed = text.trimStart();
  const samples = trimmed.startsWith('[') ? fromJson(trimmed) : fromText(text);
  if (!samples.ok) return samples;
  const mapPressure = new Map<string, number>();
  const apiCalls = new Map<string, number>();
  let configDrift: number | undefined;
  let eventLag: number | undefined;
  for (const { name, mapName, returnCode, value } of samples.value) {
    if (!Number.isFinite(value)) continue;
    if (name === 'drift_checker_config_delta') configDrift = value;
    if (name === 'k8s_event_lag_seconds') eventLag = value;
    if (name === 'k8s_client_api_calls_total' && returnCode !== undefined)
      apiCalls.set(returnCode, value + (apiCalls.get(returnCode) ?? 0));
    if (name !== 'bpf_map_pressure' || mapName === undefined) continue;
    const map = mapName.replace(/^cilium_/, '');
    mapPressure.set(map, Math.max(value, mapPressure.get(map) ?? 0));
  }
  return parsed({ mapPressure, configDrift, apiCalls, eventLag });
}

const plain = (name: string): string => name.replace(/^cilium_/, '');

function fromJson(text: string): Parsed<readonly Sample[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  if (!Array.isArray(json.value)) return unparsed('no array of metrics');
  return parsed(
    json.value.filter(isRecord).map(({ name, labels, value }) => {
      const label = (key: string): string | undefined => textIn(objectIn(labels)[key]) || undefined;
      // Zero is left out of the JSON.
      return {
        name: plain(textIn(name)),
        mapName: label('map_name'),
        returnCode: label('return_code'),
        value: typeof value === 'number' ? value : 0,
      };
    }),
  );
}

const ofInterest =
  /^(?:cilium_)?(?:bpf_map_pressure|drift_checker_config_delta|k8s_client_api_calls_total|k8s_event_lag_seconds)(?=[\s{])/;

function fromText(text: string): Parsed<readonly Sample[]> {
  const samples: Sample[] = [];
  let understood = false;
  for (const line of linesOf(text)) {
    if (/^Metric\s+Labels\s+Value\s*$/.test(line) || /^# (?:HELP|TYPE) /.test(line)) understood = true;
    const name = ofInterest.exec(line)?.[0];
    if (name === undefined) continue;
    const value = line.trim().split(/\s+/).at(-1);
    samples.push({
      name: plain(name),
      mapName: /[\s{,]map_name="?([^"\s,}]+)/.exec(line)?.[1],
      returnCode: /[\s{,]return_code="?([^"\s,}]+)/.exec(line)?.[1],
      value: Number(value),
    });
    understood = true;
  }
  if (understood) return parsed(samples);
  return unparsed(text.trim() === '' ? 'nothing was printed' : `no table of metrics: ${excerptOf(text)}`);
}
