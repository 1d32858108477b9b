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
      // Agents may be told to read those of another namespace, too.
      const read = new Set(
        nodes.flatMap(({ facts: { startedConfig } }) => [
          ...((isKnown(startedConfig) ? configSources(startedConfig.value)?.nodeConfigs : undefined) ?? []),
        ]),
      );
      const stray = (cilium.strayNodeConfigs ?? []).filter((one) => !read.has(one));
      if (stray.length === 0) return pass;
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

function refOf(place: string): ObjectRef {
  const [namespace = '', name = ''] = place.split('/');
  return { kind: 'CiliumNodeConfig', namespace, name };
}
