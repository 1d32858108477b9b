import { defineFault } from '../lib/Fault.ts';
import { objects, service, slice } from '../lib/services.ts';

const ports = [{ name: 'http', port: 80 }];
const { create, remove } = objects(service('unlabelled', { ports }), slice({ name: 'unlabelled-1', ports }));

export default defineFault({
  id: 'slice-unlabelled',
  title: 'a hand-made EndpointSlice lacks the label that says whose it is',
  expect: [{ code: 'KPR5011', object: 'default/unlabelled' }],
  exitCode: 0,
  remedy: 'executed',
  tidy: remove,
  inject: create,
});
