import { defineFault } from '../lib/Fault.ts';
import { annotate } from '../lib/objects.ts';

export default defineFault({
  id: 'annotation-switch-off',
  title: 'an annotation whose switch is off in the configuration',
  expect: [{ code: 'KPR5005', object: 'default/httpd' }],
  exitCode: 0,
  remedy: 'executed',
  inject: (bed) => annotate(bed, 'httpd', 'service.cilium.io/lb-algorithm', 'maglev'),
});
