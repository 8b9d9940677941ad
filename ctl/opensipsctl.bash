# Completion of opensipsctl for bash: the server says what there is. `db` and `user` need no server.
_opensipsctl_tool() {
  local tool=$1 at=$2
  while [[ $at -lt $cword && ${words[at]} == -m ]]; do at=$((at + 2)); done
  if [[ $prev == -m ]]; then
    COMPREPLY=($(compgen -d -- "$cur"))
  elif [[ $at -eq $cword ]]; then
    case $tool in
      db) COMPREPLY=($(compgen -W 'create migrate show' -- "$cur")) ;;
      user) COMPREPLY=($(compgen -W 'add passwd rm list' -- "$cur")) ;;
    esac
  elif [[ $tool == user && ${words[at]} == @(add|passwd) && $cword -gt $((at + 2)) ]]; then
    COMPREPLY=($(compgen -W '--password --random --realm --keep' -- "$cur"))
  fi
}
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
  case ${words[at]} in
    db | user) if [[ $at -lt $cword ]]; then _opensipsctl_tool "${words[at]}" $((at + 1)); return; fi ;;
  esac
  COMPREPLY=($("${words[0]}" "${socket[@]}" --complete -- "${words[@]:at:cword-at+1}" 2>/dev/null))
  [[ $at -eq $cword ]] && COMPREPLY+=($(compgen -W 'db user' -- "$cur"))
  [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
  __ltrim_colon_completions "$cur"
}
complete -F _opensipsctl opensipsctl
