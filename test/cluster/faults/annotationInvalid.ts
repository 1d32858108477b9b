import { defineFault } from '../lib/Fault.ts';
import { annotate } from '../lib/objects.ts';

export default defineFault({
  id: 'annotation-invalid',
  title: 'a known annotation with a value that it cannot have',
  expect: [{ code: 'KPR5005', object: 'default/httpd' }],
  remedy: 'executed',
  tidy: (bed) => bed.kubectl('annotate', 'service', 'httpd', 'service.cilium.io/type-'),
  inject: (bed) => annotate(bed, 'httpd', 'service.cilium.io/type', 'nodeport'),
});
