import { defineFault } from '../lib/Fault.ts';
import { annotate } from '../lib/objects.ts';

export default defineFault({
  id: 'annotation-invalid',
  title: 'a known annotation with a value that it cannot have',
  expect: [{ code: 'KPR5005', object: 'default/httpd-np' }],
  remedy: 'executed',
  tidy: (bed) => bed.kubectl('annotate', 'service', 'httpd-np', 'service.cilium.io/type-'),
  inject: (bed) => annotate(bed, 'httpd-np', 'service.cilium.io/type', 'nodeport'),
});
