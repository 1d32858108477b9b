import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { ciliumMinor, knownMinors } from '../../src/knowledge/ciliumVersion.ts';
import { missing } from '../../src/model/Fact.ts';
import { kpr9004 } from './problems/KPR9004.ts';

export const versionKnown = defineCheck({
  id: 'version-known',
  title: 'Agents have a version that this program knows',
  area: 'examination',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9004],
  needs: { node: ['status'] },
  run({ nodes }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap((node): (Finding<'KPR9004'> | Undecided)[] => {
      const { version, message } = node.facts.status;
      const minor = ciliumMinor(version);
      if (version === undefined || minor === undefined) {
        return [
          undecided(
            missing('unparsed', `no version in the agent’s status (${JSON.stringify(message.slice(0, 80))})`),
            node.name,
          ),
        ];
      }
      if (minor >= knownMinors.from && minor <= knownMinors.to) return [];
      return [
        finding(
          kpr9004,
          minor < knownMinors.from ? 'older' : 'newer',
          { version },
          {
            nodes: [node.name],
            expected: `1.${knownMinors.from} to 1.${knownMinors.to}`,
            found: version,
            evidence: [node.evidence('status', message)],
          },
        ),
      ];
    });
  },
});
