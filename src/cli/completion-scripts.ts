export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The script that makes a shell ask cozeform for the next word; files are left to the shell. */
export const completionScript = (shell: Shell): string => scripts[shell];

const bash = String.raw`# Completion of cozeform for bash. To load it: source <(cozeform completion bash)
_cozeform() {
  local current="\${COMP_WORDS[COMP_CWORD]}" quote="" line
  if [[ $current == [\"\']* ]]; then
    quote="\${current:0:1}"
    current="\${current:1}"
  fi
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    [[ -n $line ]] || continue
    if [[ -n $quote ]]; then COMPREPLY+=("$line"); else COMPREPLY+=("$(printf %q "$line")"); fi
  done < <(cozeform __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
}
complete -o default -F _cozeform cozeform
`;

const zsh = String.raw`#compdef cozeform
# Completion of cozeform for zsh. To load it: source <(cozeform completion zsh)
_cozeform() {
  local line
  local -a values shown
  for line in "\${(@f)$(cozeform __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\t'*}")
    shown+=("\${line/$'\t'/  -- }")
  done
  if (( \${#values} )); then
    compadd -l -d shown -a values
  else
    _files
  fi
}
compdef _cozeform cozeform
`;

const fish = String.raw`# Completion of cozeform for fish. To load it: cozeform completion fish | source
function __cozeform_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (cozeform __complete -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c cozeform -f -a '(__cozeform_complete)'
`;

// Template literals need a backslash before ${, which String.raw keeps.
const bare = (script: string): string => script.replaceAll("\\${", "${");

const scripts: Readonly<Record<Shell, string>> = {
  bash: bare(bash),
  zsh: bare(zsh),
  fish,
};
