import type { Branch, ReleaseOf } from '../../knowledge/releases.ts';
import type { Missing } from '../../model/Fact.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import type { OwnerRef } from '../lb/OwnerRef.ts';
import type { FirmDifference } from '../parity/Difference.ts';
import { hasParts, missingIn, type Scene, type SceneFacts, type ScenePart } from './Scene.ts';

/** From a release of a branch (its first, unless it says another) until the one that repairs it. */
interface AffectedOf<B extends Branch> {
  readonly from?: ReleaseOf<B>;
  /** `never`: no release of the branch that was read here repairs it. */
  readonly fixed: ReleaseOf<B> | 'never';
}
type ByBranch = { readonly [B in Branch]: AffectedOf<B> };

/** Branches that have a defect: at least one. Of those that are not named, none has. */
export type AffectedReleases = { [B in Branch]: Partial<ByBranch> & Pick<ByBranch, B> }[Branch];

/** An issue or pull request of cilium/cilium, or, where nobody has reported it, the place in its sources. */
export type DefectReference = `#${number}` | `pkg/${string}`;

/** What people read of a defect. */
export interface DefectText {
  readonly reference: DefectReference;
  /** Others that tell of the same: the report beside the repair. */
  readonly also?: readonly DefectReference[];
  readonly affects: AffectedReleases;
  /** What goes wrong, as a clause. */
  readonly title: string;
  /** What must be there for it to matter, as a clause. */
  readonly meets: string;
  /** What a user notices, as a sentence. */
  readonly symptom: string;
  /** What helps without an upgrade, as a sentence without a period; undefined: nothing is known that does. */
  readonly workaround: string | undefined;
  /** As a problem's: `now` is an error, `trap` a warning, `note` is told with the finding that it explains alone. */
  readonly harm: 'now' | 'trap' | 'note';
}

/** How a defect meets this cluster. */
export interface Encounter {
  /** What is the matter, as a clause that may stand behind the names. */
  readonly what: string;
  /** Of whom or what: of objects or rows; empty: of the node as a whole. */
  readonly names: readonly string[];
  /** Objects whose rows may be wrong by it; `all`: those of every object. */
  readonly objects: readonly OwnerRef[] | 'all';
  /** Rows that are wrong by it, where that is known, whoever asks for them. */
  readonly rows?: readonly FrontendKey[];
}

export interface Defect extends DefectText {
  readonly reads: readonly ScenePart[];
  /** Kinds of differences in the tables that it brings about. */
  readonly explains: readonly FirmDifference['kind'][];
  /** undefined: it does not concern this node; missing: not known. Is asked for affected versions only. */
  encounter(scene: SceneFacts): Encounter | Missing | undefined;
}

interface Definition<P extends ScenePart> extends DefectText {
  /** The settings with which it can matter: with others nothing else is asked. undefined: any. */
  readonly where?: (settings: AgentSettings) => boolean;
  /** What its condition looks at: it is handed nothing else. */
  readonly reads: readonly P[];
  readonly explains?: readonly FirmDifference['kind'][];
  /** Pure. undefined: it does not concern this node. */
  readonly condition: (scene: Pick<Scene, P>) => Encounter | undefined;
}

/** A defect; what a condition does not declare does not compile in it. */
export function defineDefect<const P extends ScenePart>(defect: Definition<P>): Defect {
  const { condition, where, reads, explains = [], ...text } = defect;
  const isOut = ({ settings }: SceneFacts): boolean =>
    where !== undefined && !('missing' in settings) && !where(settings);
  return {
    ...text,
    reads,
    explains,
    encounter(scene) {
      if (isOut(scene)) return undefined;
      return hasParts(scene, reads) ? condition(scene) : missingIn(scene, reads);
    },
  };
}
