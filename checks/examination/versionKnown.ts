import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { ciliumMinor, knownMinors } from '../../src/knowledge/ciliumVersion.ts';
import { missing } from '../../src/model/Fact.ts';
import { kpr9004 } from './problems/KPR9004.ts';

export const versionKnown = defineCheck({
  id: 'version-known',
  title: 'Agents have a version that this program knows',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9004],
  requires: { node: ['status'] },
  run: ({ nodes }) =>
    forEachNode(nodes, ({ name, facts, evidence }) => {
      const { version, message } = facts.status;
      const minor = ciliumMinor(version);
      if (version === undefined || minor === undefined) {
        const said = JSON.stringify(message.slice(0, 80));
        return inconclusive(missing('unparsed', `no version in the agent’s status (${said})`));
      }
      if (minor >= knownMinors.from && minor <= knownMinors.to) return pass;
      return finding(
        kpr9004,
        minor < knownMinors.from ? 'older' : 'newer',
        { version },
        {
          nodes: [name],
          expected: `1.${knownMinors.from} to 1.${knownMinors.to}`,
          found: version,
          evidence: [evidence('status', message)],
        },
      );
    }),
});
