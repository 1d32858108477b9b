export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

// Bash breaks words at = and :, hands on the pieces, and replaces the last of them: so the line is read anew, and what
// stands before the last of these marks is taken away from what is offered.
const bash = `# bash completion of kubectl-kpr: source <(kubectl kpr completion bash)
_kubectl_kpr() {
  local typed=\${COMP_LINE:0:COMP_POINT} line word lead= breaks=\${COMP_WORDBREAKS//[^=:]/}
  local -a words lines
  IFS=$' \\t\\n' read -ra words <<<"$typed"
  [[ $typed == *[[:space:]] ]] && words+=('')
  word=\${words[-1]}
  [[ -n $breaks && $word == *[$breaks]* ]] && lead=\${word%"\${word##*[$breaks]}"}
  mapfile -t lines < <(kubectl-kpr __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  for line in "\${lines[@]}"; do
    case $line in
      :0) compopt -o default ;;
      :*) ;;
      *)
        line=\${line%%$'\\t'*}
        COMPREPLY+=("\${line#"$lead"}")
        ;;
    esac
  done
}
complete -F _kubectl_kpr kubectl-kpr
`;

const zsh = `#compdef kubectl-kpr
# zsh completion of kubectl-kpr: source <(kubectl kpr completion zsh)
_kubectl_kpr() {
  local -a lines described
  local line
  lines=("\${(@f)$(kubectl-kpr __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    case $line in
      :0) _files ;;
      :*) ;;
      *) described+=("\${\${line//:/\\\\:}/$'\\t'/:}") ;;
    esac
  done
  _describe 'kubectl kpr' described
}
compdef _kubectl_kpr kubectl-kpr
`;

const fish = `# fish completion of kubectl-kpr: kubectl kpr completion fish | source
function __kubectl_kpr
  set -l words (commandline -opc)
  set -l lines (kubectl-kpr __complete $words[2..-1] (commandline -ct) 2>/dev/null)
  if contains -- :0 $lines
    __fish_complete_path (commandline -ct)
  end
  string match -v -- ':*' $lines
end
complete -c kubectl-kpr -f -a '(__kubectl_kpr)'
`;

const powershell = `# PowerShell completion of kubectl-kpr: kubectl kpr completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName kubectl-kpr -ScriptBlock {
  param($word, $ast, $cursor)
  # What stands behind the cursor is not what is asked for.
  $before = $ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.StartOffset -lt $cursor }
  $typed = @($before | ForEach-Object { "$_" })
  if ($word -eq '') {
    # Before 7.3, and with the old way of handing on arguments, an empty one has to be written as two quotes.
    $isOld = $PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
    $typed += $(if ($isOld) { '""' } else { '' })
  }
  kubectl-kpr __complete @typed 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
    $name, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $about)
  }
}
`;

/** By shell: each asks the program itself, which answers as kubectl does. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
