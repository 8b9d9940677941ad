# Completion of opensipsctl for bash: the server says what there is.
_opensipsctl() {
  local words cword cur prev socket=() at=1
  _get_comp_words_by_ref -n := words cword cur prev
  case $prev in -s | --socket) COMPREPLY=($(compgen -f -- "$cur")); return ;; esac
  while [[ $at -lt $cword && ${words[at]} == -* ]]; do
    case ${words[at]} in
      -s | --socket) socket=(-s "${words[at + 1]}"); at=$((at + 2)) ;;
      *) at=$((at + 1)) ;;
    esac
  done
  if [[ $at -eq $cword && $cur == -* ]]; then
    COMPREPLY=($(compgen -W '--socket --json --version --help' -- "$cur"))
    return
  fi
  COMPREPLY=($("${words[0]}" "${socket[@]}" --complete -- "${words[@]:at:cword-at+1}" 2>/dev/null))
  [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
  __ltrim_colon_completions "$cur"
}
complete -F _opensipsctl opensipsctl
