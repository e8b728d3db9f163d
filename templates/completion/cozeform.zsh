#compdef cozeform
# Completion of cozeform for zsh. To load it: source <(cozeform completion zsh)
_cozeform() {
  local line
  local -a values shown
  for line in "${(@f)$(cozeform __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  if (( ${#values} )); then
    compadd -l -d shown -a values
  else
    _files
  fi
}
compdef _cozeform cozeform
