import { defineFault } from '../lib/Fault.ts';
import { objects, pod, service } from '../lib/services.ts';

const gate = 'example.org/registered';
const gated = pod('gated', 'n2');
const { create } = objects(
  { ...gated, spec: { ...(gated['spec'] as object), readinessGates: [{ conditionType: gate }] } },
  service('gated', { selector: { app: 'gated' }, ports: [{ name: 'http', port: 80 }] }),
);

export default defineFault({
  id: 'pods-gated',
  title: 'a readiness gate keeps the only pod of a Service out: its container is ready, and nobody sets the condition',
  expect: [{ code: 'KPR5011', object: 'default/gated' }],
  exitCode: 0,
  showsAfter: 5,
  remedy: { not: 'whose controller is to set the condition, its owner knows' },
  inject: create,
});
