# Completion of cozeform for fish. To load it: cozeform completion fish | source
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
