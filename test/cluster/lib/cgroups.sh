# Every process of a bed lives in a cgroup of the bed. That is how they are found again, also by a later `down` that
# knows nothing else of them: a pid file may lie after a crash, a cgroup does not.

CGROUP_FS=/sys/fs/cgroup
cgroup_is_v2() { [ "$(stat -fc %T $CGROUP_FS)" = cgroup2fs ]; }

# Where a cgroup is made: the one v2 hierarchy, or each of the v1 hierarchies (symbolic links name the same one twice).
cgroup_hierarchies() {
  if cgroup_is_v2; then echo $CGROUP_FS; return; fi
  local dir
  for dir in "$CGROUP_FS"/*; do if [ ! -L "$dir" ] && [ -f "$dir/cgroup.procs" ]; then echo "$dir"; fi; done
}

# NAME: the calling shell, and what it becomes, joins the cgroup
cgroup_enter() {
  local hierarchy dir controller
  for hierarchy in $(cgroup_hierarchies); do
    dir=$hierarchy/$1
    if cgroup_is_v2; then
      for controller in cpu cpuset io memory pids hugetlb; do
        echo "+$controller" > "$hierarchy/cgroup.subtree_control" || true
      done 2>/dev/null
    fi
    mkdir -p "$dir"
    if ! cgroup_is_v2 && [ -f "$dir/cpuset.cpus" ]; then   # a v1 cpuset takes no process while it is empty
      cat "$hierarchy/cpuset.cpus" > "$dir/cpuset.cpus"; cat "$hierarchy/cpuset.mems" > "$dir/cpuset.mems"
      echo 1 > "$dir/cgroup.clone_children"
    fi
    echo "$BASHPID" > "$dir/cgroup.procs"
  done
}

# NAME: the calling shell joins a cgroup that a node's init has laid out
cgroup_join() {
  local hierarchy leaf=; if cgroup_is_v2; then leaf=/init; fi
  for hierarchy in $(cgroup_hierarchies); do echo "$BASHPID" > "$hierarchy/$1$leaf/cgroup.procs"; done
}

# the cgroups of this bed, by name
cgroup_names() {
  local hierarchy dir
  for hierarchy in $(cgroup_hierarchies); do
    for dir in "$hierarchy/$PREFIX"cp "$hierarchy/$PREFIX"n[0-9]*; do if [ -d "$dir" ]; then basename "$dir"; fi; done
  done | sort -u
}

# NAME: the processes in it and below it
cgroup_pids() {
  local hierarchy
  for hierarchy in $(cgroup_hierarchies); do
    if [ -d "$hierarchy/$1" ]; then find "$hierarchy/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true; fi
  done | sort -un
}

# NAME PID: whether the process is in it
cgroup_has() { grep -qE ":/$1(/|\$)" "/proc/$2/cgroup" 2>/dev/null; }

# PID: a zombie waits for nothing but its parent, and holds nothing any more
process_lives() {
  local line
  read -r line 2>/dev/null < "/proc/$1/stat" || return 1
  line=${line##*) }
  [ "${line%% *}" != Z ]
} 2>/dev/null

# NAME: ends what is in it and removes it
cgroup_end() {
  local pids pid hierarchy left killed=
  for _ in $(seq 200); do
    pids=$(cgroup_pids "$1")
    # What forks meanwhile is met in the next round. A dead process leaves its cgroup before its namespaces: those are
    # gone when it is a zombie or nothing.
    killed=$(for pid in $killed $pids; do if process_lives "$pid"; then echo "$pid"; fi; done)
    [ -n "$killed" ] || break
    # shellcheck disable=SC2086
    if [ -n "$pids" ]; then kill -9 $pids 2>/dev/null || true; fi
    sleep 0.05
  done
  for _ in $(seq 50); do   # a cgroup stays busy until the kernel has buried the last process
    left=
    for hierarchy in $(cgroup_hierarchies); do
      if [ -d "$hierarchy/$1" ]; then
        find "$hierarchy/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
        if [ -d "$hierarchy/$1" ]; then left=yes; fi
      fi
    done
    [ -n "$left" ] || return 0
    sleep 0.1
  done
  say "bed: cgroup $1 cannot be removed: processes $(cgroup_pids "$1" | tr '\n' ' ')"
  return 1
}
