import { defineFault } from '../lib/Fault.ts';
import { annotate } from '../lib/objects.ts';

export default defineFault({
  id: 'annotation-unknown',
  title: 'an annotation that Cilium does not know on a Service',
  expect: [{ code: 'KPR5005', object: 'default/httpd' }],
  exitCode: 0,
  remedy: 'executed',
  inject: (bed) => annotate(bed, 'httpd', 'service.cilium.io/lb-mode', 'dsr'),
});
