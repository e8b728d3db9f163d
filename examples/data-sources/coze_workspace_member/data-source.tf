data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_workspace_member" "lead" {
  workspace = data.coze_workspace.desk.id
  user_id   = "1000000000000101"
}

output "role_of_lead" {
  value = data.coze_workspace_member.lead.role
}
