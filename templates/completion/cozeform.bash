# Completion of cozeform for bash. To load it: source <(cozeform completion bash)
_cozeform() {
  local current="${COMP_WORDS[COMP_CWORD]}" quote="" line
  if [[ $current == [\"\']* ]]; then
    quote="${current:0:1}"
    current="${current:1}"
  fi
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    [[ -n $line ]] || continue
    if [[ -n $quote ]]; then COMPREPLY+=("$line"); else COMPREPLY+=("$(printf %q "$line")"); fi
  done < <(cozeform __complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
}
complete -o default -F _cozeform cozeform
