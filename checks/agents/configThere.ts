import { defineCheck } from '../../src/core/Check.ts';
import { finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import { configSources } from '../../src/expect/agent/configSources.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr1005 } from './problems/KPR1005.ts';

/** What runs has read it; what starts without it knows no setting, and takes the defaults. */
export const configThere = defineCheck({
  id: 'config-there',
  title: 'What agents read when they start is there, and where they read it',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1005],
  optional: { cluster: ['ciliumConfig', 'ciliumNodeConfigs'], node: ['startedConfig'] },
  run({ cluster: { ciliumConfig }, nodes, evidence, frame: { cilium } }) {
    if (isKnown(ciliumConfig)) {
      const started = nodes.map(({ facts: { startedConfig } }) => startedConfig);
      // Agents may be told to read those of another namespace, too, and name what of it is for their nodes.
      const read = new Set(
        started.flatMap((fact) =>
          [...((isKnown(fact) && configSources(fact.value)?.nodeConfigs) || [])].map(namespaceOf),
        ),
      );
      const stray = (cilium.strayNodeConfigs ?? []).filter((one) => !read.has(namespaceOf(one)));
      if (stray.length === 0) return pass;
      const [unread] = started;
      if (unread !== undefined && !isKnown(unread) && !started.some((fact) => isKnown(fact)))
        return inconclusive(unread);
      const about = {
        objects: stray.map((one) => refOf(one)),
        evidence: [evidence('ciliumNodeConfigs', { lines: stray, of: stray })],
      };
      return finding(kpr1005, 'strayNodeConfig', { configs: listFirst(stray, 3) }, about);
    }
    if (nodes.every(({ agent }) => agent === undefined)) return notApplicable('there is no agent that would read it');
    if (ciliumConfig.missing !== 'absent') return inconclusive(ciliumConfig);
    return finding(kpr1005, 'configGone', {}, { evidence: [evidence('ciliumConfig', ciliumConfig.detail)] });
  },
});

const namespaceOf = (place: string): string => place.split('/')[0] ?? '';

function refOf(place: string): ObjectRef {
  const [namespace = '', name = ''] = place.split('/');
  return { kind: 'CiliumNodeConfig', namespace, name };
}
