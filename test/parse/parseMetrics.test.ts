import { expect, test } from 'vitest';
import { parseMetrics } from '../../src/parse/parseMetrics.ts';
import { recorded, valueOf, versions, whyOf } from './recorded.ts';

test.each(versions)('recorded with %s: table and JSON say the same', (version) => {
  const fromText = valueOf(parseMetrics(recorded(version, 'metrics.txt')));
  const fromJson = valueOf(parseMetrics(recorded(version, 'metrics.json')));
  expect([...fromText.mapPressure.keys()]).toEqual(['ct4_global', 'ct_any4_global', 'ipcache_v2', 'lxc']);
  expect([...fromJson.mapPressure.keys()]).toEqual([...fromText.mapPressure.keys()]);
  for (const [map, pressure] of fromText.mapPressure) expect(fromJson.mapPressure.get(map)).toBeCloseTo(pressure, 5);
  // Zero is left out of the JSON.
  expect([fromText.configDrift, fromJson.configDrift]).toEqual([0, 0]);
});

const expected = {
  mapPressure: new Map([['lb4_services_v2', 0.95]]),
  configDrift: 2,
  apiCalls: new Map(),
  eventLag: undefined,
};
test.each([
  [
    'table, map names with prefix',
    `Metric                              Labels                             Value
cilium_bpf_map_pressure             map_name=cilium_lb4_services_v2    0.950000
cilium_drift_checker_config_delta                                      2.000000
`,
  ],
  [
    'table of old, labels quoted, metrics without prefix',
    'Metric  Labels  Value\r\nbpf_map_pressure  map_name="lb4_services_v2"  0.95\r\ndrift_checker_config_delta    2\r\n',
  ],
  [
    'Prometheus',
    `# TYPE cilium_bpf_map_pressure gauge
cilium_bpf_map_pressure{map_name="lb4_services_v2"} 0.95
cilium_drift_checker_config_delta 2
`,
  ],
  [
    'JSON, both spellings of one map',
    JSON.stringify([
      { name: 'cilium_bpf_map_pressure', labels: { map_name: 'lb4_services_v2' }, value: 0.95 },
      { name: 'cilium_bpf_map_pressure', labels: { map_name: 'cilium_lb4_services_v2' }, value: 0.5 },
      { name: 'cilium_drift_checker_config_delta', value: 2 },
      { name: 'cilium_act_processing_time_seconds' },
    ]),
  ],
])('%s', (_, text) => {
  expect(valueOf(parseMetrics(text))).toEqual(expected);
});

test('no drift checker, no pressure: known to be so', () => {
  const nothing = { mapPressure: new Map(), configDrift: undefined, apiCalls: new Map(), eventLag: undefined };
  expect(valueOf(parseMetrics('Metric   Labels   Value\n'))).toEqual(nothing);
  expect(valueOf(parseMetrics('[]'))).toEqual(nothing);
});

test.each([
  [
    'table',
    `Metric                              Labels                                          Value
cilium_k8s_client_api_calls_total   host=10.0.0.1:6443 method=GET return_code=200   30.000000
cilium_k8s_client_api_calls_total   host=10.0.0.1:6443 method=PATCH return_code=200 11.000000
cilium_k8s_client_api_calls_total   host=10.0.0.1:6443 method=GET return_code=403   4.000000
cilium_k8s_event_lag_seconds        source=k8s                                      0.500000
`,
  ],
  [
    'Prometheus',
    `# TYPE cilium_k8s_client_api_calls_total counter
cilium_k8s_client_api_calls_total{host="10.0.0.1:6443",method="GET",return_code="200"} 41
cilium_k8s_client_api_calls_total{host="10.0.0.1:6443",method="GET",return_code="403"} 4
cilium_k8s_event_lag_seconds{source="k8s"} 0.5
`,
  ],
  [
    'JSON',
    JSON.stringify([
      { name: 'cilium_k8s_client_api_calls_total', labels: { method: 'GET', return_code: '200' }, value: 41 },
      { name: 'cilium_k8s_client_api_calls_total', labels: { method: 'GET', return_code: '403' }, value: 4 },
      { name: 'cilium_k8s_event_lag_seconds', labels: { source: 'k8s' }, value: 0.5 },
    ]),
  ],
])('answers of the API server are counted by their code: %s', (_, text) => {
  expect(valueOf(parseMetrics(text))).toMatchObject({
    apiCalls: new Map([
      ['200', 41],
      ['403', 4],
    ]),
    eventLag: 0.5,
  });
});

test('values that are no numbers are left out', () => {
  const text = 'Metric   Labels   Value\ncilium_bpf_map_pressure   map_name=x   NaN\n';
  expect(valueOf(parseMetrics(text)).mapPressure.size).toBe(0);
});

test.each([
  ['', 'nothing was printed'],
  ['Cannot get metrics list: dial unix', 'no table of metrics'],
  ['[{"name":', 'no JSON'],
])('%j is no list of metrics', (text, why) => {
  expect(whyOf(parseMetrics(text))).toContain(why);
});
