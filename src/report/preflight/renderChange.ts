import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { Verbosity } from '../../text/Style.ts';
import { glued } from '../../text/wrap.ts';
import { baseName, kubernetesText, timeText } from '../renderHeader.ts';
import { renderAgainst } from '../against/renderAgainst.ts';
import type { Page } from '../Page.ts';
import { outlineOf } from '../outline/outlineOf.ts';
import { renderBlock, renderNote } from '../renderBlock.ts';
import { renderUnknowns } from '../renderUnknowns.ts';
import type { ReportDocument } from '../ReportDocument.ts';
import { places } from '../stepWords.ts';
import type { CarriedSettingReport, ChangeReport, ChecklistStepReport } from './ChangeReport.ts';
import { changeNames, goalText, settingWords } from './changeWords.ts';

/** What was found on the cluster, for people at a terminal. */
export function renderChange(page: Page, change: ChangeReport, detail: Verbosity): void {
  const { report } = change;
  if (detail !== 'quiet') renderHead(page, change);
  const { causes, notes, unknowns } = outlineOf(report);
  for (const block of causes) {
    renderBlock(page, block, detail);
    if (detail !== 'quiet') page.blank();
  }
  if (detail === 'quiet') return;
  if (report.against !== undefined) {
    page.blank();
    renderAgainst(page, report.against, detail);
  }
  if (detail === 'verbose') for (const block of notes) renderNote(page, block, detail);
  page.blank();
  renderUnknowns(page, unknowns, detail);
  page.blank();
  page.prose(verifiedText(report));
}

/** What is to be done, behind all that speaks against it. */
export function renderChecklist(page: Page, change: ChangeReport): void {
  page.blank();
  renderSettings(page, change.settings);
  for (const loss of change.losses) page.prose(loss, { label: 'expect  ', labelPaint: 'warning', indent: 8 });
  renderSteps(page, change.steps);
}

function renderHead(
  page: Page,
  { change, because, toVersion, report: { cluster, source, takenAt, durationMs } }: ChangeReport,
): void {
  const about = [
    source.kind === 'live' ? undefined : `${baseName(source.file)} of ${timeText(takenAt)}`,
    cluster.context === null ? undefined : `context ${cluster.context}`,
    cluster.ciliumVersions.length === 0 ? undefined : `Cilium ${listNames(cluster.ciliumVersions)}`,
    cluster.kubernetesVersion === null ? undefined : kubernetesText(cluster.kubernetesVersion),
    cluster.distribution === 'other' ? undefined : cluster.distribution,
    count(cluster.nodes, 'node'),
    cluster.services === null ? undefined : count(cluster.services, 'Service'),
    `${(durationMs / 1000).toFixed(1)} s`,
  ];
  const facts = about
    // A small terminal breaks the name of a file from its time.
    .flatMap((one, i) => (one === undefined ? [] : i === 0 ? one : glued(one)))
    .join(page.symbols.separator);
  page.prose(facts, { label: 'kubectl kpr preflight  ', labelPaint: 'bold', indent: 4, paint: 'dim' });
  const to = goalText(toVersion, cluster.ciliumVersions);
  page.prose(
    `${changeNames[change]}${to === '' ? '' : `,${to}`}${because === null ? '' : ` (because ${because}; --change says otherwise)`}`,
    {
      label: `${change}: `,
      labelPaint: 'bold',
      indent: 4,
    },
  );
  page.blank();
}

/** How much was looked at, so that silence is no accident. */
export function verifiedText({ summary: { checks }, coverage: { nodes } }: ReportDocument): string {
  const parts = [
    `${checks.pass} of ${count(checks.pass + checks.fail + checks.unknown, 'check')} passed`,
    ...(checks.skipped === 0 ? [] : [`${checks.skipped} had nothing to look at`]),
    `${nodes.read} of ${count(nodes.covered, 'node')} read`,
  ];
  return parts.join(', ');
}

function renderSettings(page: Page, settings: readonly CarriedSettingReport[]): void {
  for (const one of settings)
    page.prose(`${settingWords(one)} (${one.from})`, { label: 'take over  ', labelPaint: 'dim', indent: 11 });
}

const indent = 6;
const label = (word: string) => ({ label: `      ${word}`, labelPaint: 'dim', indent: indent + 7 }) as const;

function renderSteps(page: Page, steps: readonly ChecklistStepReport[]): void {
  page.blank();
  page.prose('Checklist', { paint: 'bold' });
  for (const [i, step] of steps.entries()) renderStep(page, step, i + 1);
  if (steps.some(({ withheld }) => withheld === true))
    page.prose('Commands of the steps that change something are left out until what speaks against it is put right.', {
      indent,
    });
}

function renderStep(page: Page, step: ChecklistStepReport, number: number): void {
  const mark = step.done === undefined ? '[ ]' : '[x]';
  page.prose(`${mark} ${step.text}${places[step.where]}`, {
    label: `${String(number).padStart(2)}  `,
    labelPaint: 'bold',
    indent,
    ...(step.withheld === true && { paint: 'dim' as const }),
  });
  if (step.done !== undefined) page.prose(step.done, label('done'));
  else for (const command of step.commands) page.command(command, { indent: indent + 4, paint: 'bold' });
  if (step.done !== undefined) return;
  if (step.risk !== undefined) page.prose(step.risk, label('risk'));
  if (step.check !== undefined) page.command(step.check, label('check'));
  if (step.wayBack !== undefined) page.command(step.wayBack, label('back'));
}
