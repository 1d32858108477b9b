export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

const bash = `# bash completion of kubectl-kpr: source <(kubectl kpr completion bash)
_kubectl_kpr() {
  local IFS=$'\\n' lines line
  mapfile -t lines < <(kubectl-kpr __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  for line in "\${lines[@]}"; do
    case $line in
      :0) compopt -o default ;;
      :*) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
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
  $typed = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -eq '') { $typed += '""' }
  kubectl-kpr __complete @typed 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
    $name, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $about)
  }
}
`;

/** By shell: each asks the program itself, which answers as kubectl does. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
